# wire.mk - what runs the tables of wire cases; it shares most with the differential tests.
#
# Included by the top Makefile; also works alone: make -f tests/wire/wire.mk wire
BUILD ?= build
WIRE_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
WIRE := $(BUILD)/wire/wire
WIRE_SOURCES := $(wildcard $(WIRE_DIR)/*.c) \
	$(filter-out %/differ.c,$(wildcard $(WIRE_DIR)/../diff/*.c))

TEST_PROGRAMS += $(WIRE)

.PHONY: wire
wire: $(WIRE)

$(WIRE): $(WIRE_SOURCES) $(wildcard $(WIRE_DIR)/*.h) $(wildcard $(WIRE_DIR)/../diff/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -pedantic -O1 -g -pthread -o $@ $(filter %.c,$^)
