# faults.mk - the clients and servers that misbehave.
BUILD ?= build
FAULTS_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
TEST_PROGRAMS += $(BUILD)/faults/faults

$(BUILD)/faults/faults: $(FAULTS_DIR)/faults.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -pedantic -O1 -g -pthread -o $@ $<
