# unit.mk - the unit tests, and `make unit`.
#
# Included by the top Makefile, which sets CC, WARNINGS, CFLAGS, LDFLAGS, BUILD, COMPILER_OBJECTS
# (all but the one with main) and RUNTIME_LIB. Every *_test.c below tests/unit becomes one program.
# Those below compiler/ are linked with the compiler and the runtime, all others with the runtime
# alone; as both are archives, a test may define px_program, or anything else, itself.
# What a program prints is kept in a .log beside it and shown when it fails.

UNIT_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
UNIT_OUT := $(BUILD)/unit
UNIT_SOURCES ?= $(sort $(shell find $(UNIT_DIR) -name '*_test.c'))
UNIT_PROGRAMS := $(UNIT_SOURCES:$(UNIT_DIR)/%.c=$(UNIT_OUT)/%)
UNIT_OF_COMPILER := $(filter $(UNIT_OUT)/compiler/%,$(UNIT_PROGRAMS))
UNIT_COMPILER_LIB := $(UNIT_OUT)/libcompiler.a
UNIT_LIBS ?= $(shell pkg-config --libs check) -lpcre2-8 -lcrypt -lcrypto

UNIT_CC = $(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -I$(UNIT_DIR)/../.. -MMD -MP -MF $@.d -MT $@

.PHONY: unit unit-programs

unit: unit-programs
	@sh $(UNIT_DIR)/run.sh $(UNIT_PROGRAMS) | awk '/^ok / { n++; next } { print } /^not ok/ { f++ } \
	  END { printf "unit: %d checks passed, %d programs failed\n", n, f; exit f > 0 || !n }'

unit-programs: $(UNIT_PROGRAMS)

$(UNIT_COMPILER_LIB): $(COMPILER_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(UNIT_OF_COMPILER): $(UNIT_COMPILER_LIB)

$(UNIT_PROGRAMS): $(UNIT_OUT)/%: $(UNIT_DIR)/%.c $(RUNTIME_LIB) $(UNIT_DIR)/unit.mk
	@mkdir -p $(@D)
	$(Q)$(UNIT_CC) -o $@ $< $(filter %/libcompiler.a,$^) $(RUNTIME_LIB) $(LDFLAGS) $(UNIT_LIBS) $(LDLIBS)

-include $(UNIT_PROGRAMS:=.d)
