# diff.mk - the driver of the differential tests.
#
# Included by the top Makefile; also works alone: make -f tests/diff/diff.mk differ

BUILD ?= build
DIFF_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
DIFFER := $(BUILD)/diff/differ

TEST_PROGRAMS += $(DIFFER)

.PHONY: differ
differ: $(DIFFER)

$(DIFFER): $(wildcard $(DIFF_DIR)/*.c) $(wildcard $(DIFF_DIR)/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -pedantic -O1 -g -pthread -o $@ $(filter %.c,$^)
