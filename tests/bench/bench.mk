# bench.mk - the benchmark tools, and `make bench`.
#
# Included by the top Makefile; also works alone: make -f tests/bench/bench.mk bench-tools
# BENCH_NEEDS, if set before the include, names what must be built first ($(BUILD)/proxyc).

BUILD ?= build
BENCH_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BENCH_OUT := $(BUILD)/bench
BENCH_TOOLS := $(addprefix $(BENCH_OUT)/,load origin floor sink measure launch port gen \
	answer_check)

# The tools are to be fast whatever the rest is built for, so -O2 comes last.
BENCH_CC = $(CC) $(CFLAGS) -std=c17 -D_GNU_SOURCE -O2

.PHONY: bench bench-rules bench-tools bench-check

bench: bench-tools $(BENCH_NEEDS) ## compare with haproxy, nginx and a floor (about nine minutes)
	BUILD='$(BUILD)' sh $(BENCH_DIR)/bench.sh

bench-rules: bench-tools $(BENCH_NEEDS) ## what 10,000 rules cost; rewrites the README's plot (about ten minutes)
	$(call install_missing,haproxy valgrind)
	BUILD='$(BUILD)' sh $(BENCH_DIR)/rules.sh
	cp $(BENCH_OUT)/rules.svg $(BENCH_DIR)/rules.svg

bench-tools: $(BENCH_TOOLS)

bench-check: bench-tools
	BUILD='$(BUILD)' sh $(BENCH_DIR)/check.sh

bench_sources = $(addprefix $(BENCH_DIR)/,$(addsuffix .c,$(1)))

$(BENCH_OUT)/load: $(call bench_sources,load load_run load_idle link answer hist proc net tool)
$(BENCH_OUT)/origin: $(call bench_sources,origin net tool)
$(BENCH_OUT)/floor: $(call bench_sources,floor net tool)
$(BENCH_OUT)/sink: $(call bench_sources,sink net tool)
$(BENCH_OUT)/measure: $(call bench_sources,measure proc tool)
$(BENCH_OUT)/launch: $(call bench_sources,launch tool)
$(BENCH_OUT)/port: $(call bench_sources,port net tool)
$(BENCH_OUT)/gen: $(call bench_sources,gen tool)
$(BENCH_OUT)/answer_check: $(call bench_sources,answer_check answer)

$(BENCH_TOOLS): $(wildcard $(BENCH_DIR)/*.h)
	@mkdir -p $(BENCH_OUT)
	$(BENCH_CC) -o $@ $(filter %.c,$^) $(LDFLAGS)
