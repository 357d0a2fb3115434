# fuzz.mk - fuzz targets: `make fuzz-replay` runs their corpora, `make fuzz` looks for more.
#
# Included by the top Makefile, which sets CC, CFLAGS, LDFLAGS and BUILD. Replaying needs any
# compiler; fuzzing needs clang, which builds the sources under test once more, instrumented.
# What fuzzing finds is kept below $(BUILD)/fuzz; a crash leaves its input in $(BUILD)/fuzz/TARGET-*.
# Inputs that are worth keeping go to tests/fuzz/corpus/TARGET by hand, under a telling name.

FUZZ_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
FUZZ_ROOT := $(FUZZ_DIR)/../..
FUZZ_OUT := $(BUILD)/fuzz
FUZZ_TARGETS := words expr h1 proxy mqtt dns samples
FUZZ_SECONDS ?= 60
FUZZ_CLANG ?= clang

FUZZ_FLAGS = -std=c17 -D_GNU_SOURCE $(WARNINGS) -I$(FUZZ_ROOT)
FUZZ_SYNTAX := $(wildcard $(FUZZ_ROOT)/compiler/base/*.c $(FUZZ_ROOT)/compiler/syntax/*.c)
FUZZ_HTTP := $(wildcard $(FUZZ_ROOT)/runtime/base/*.c $(FUZZ_ROOT)/runtime/http/*.c)
FUZZ_NET := $(FUZZ_ROOT)/runtime/base/out.c $(FUZZ_ROOT)/runtime/net/addr.c \
	$(FUZZ_ROOT)/runtime/net/proxy_protocol.c
FUZZ_SAMPLES := $(FUZZ_HTTP) $(FUZZ_ROOT)/runtime/net/addr.c $(addprefix $(FUZZ_ROOT)/runtime/policy/, \
	base64.c cast.c conv_choose.c conv_encode.c conv_fix.c conv_forwarded.c conv_json.c conv_mqtt.c \
	conv_parts.c conv_protobuf.c conv_query.c conv_string.c hello.c mqtt.c node.c number.c put.c rdp.c \
	strings.c)
FUZZ_HEADERS := $(wildcard $(FUZZ_ROOT)/compiler/*/*.h $(FUZZ_ROOT)/runtime/*/*.h \
	$(FUZZ_ROOT)/compiler/*/*.def $(FUZZ_ROOT)/runtime/*/*.def \
	$(FUZZ_ROOT)/tests/unit/runtime/http/program.h)

.PHONY: fuzz fuzz-replay $(addprefix fuzz-,$(FUZZ_TARGETS)) $(addprefix fuzz-replay-,$(FUZZ_TARGETS))

fuzz-replay: $(addprefix fuzz-replay-,$(FUZZ_TARGETS))
fuzz: $(addprefix fuzz-,$(FUZZ_TARGETS))

$(addprefix $(FUZZ_OUT)/,replay-words replay-expr fuzz-words fuzz-expr): $(FUZZ_SYNTAX)
$(addprefix $(FUZZ_OUT)/,replay-h1 fuzz-h1): $(FUZZ_HTTP)
$(addprefix $(FUZZ_OUT)/,replay-proxy fuzz-proxy): $(FUZZ_NET)
$(addprefix $(FUZZ_OUT)/,replay-mqtt fuzz-mqtt): $(FUZZ_ROOT)/runtime/policy/mqtt.c
$(addprefix $(FUZZ_OUT)/,replay-dns fuzz-dns): $(FUZZ_ROOT)/runtime/upstream/dns.c
$(addprefix $(FUZZ_OUT)/,replay-samples fuzz-samples): $(FUZZ_SAMPLES)

$(addprefix $(FUZZ_OUT)/replay-,$(FUZZ_TARGETS)): $(FUZZ_OUT)/replay-%: $(FUZZ_DIR)/%.c \
		$(FUZZ_DIR)/replay.c $(FUZZ_HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FUZZ_FLAGS) $(CFLAGS) -o $@ $(filter %.c,$^) $(LDFLAGS)

$(addprefix $(FUZZ_OUT)/fuzz-,$(FUZZ_TARGETS)): $(FUZZ_OUT)/fuzz-%: $(FUZZ_DIR)/%.c \
		$(FUZZ_HEADERS)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CLANG) $(FUZZ_FLAGS) -O1 -g -fno-omit-frame-pointer \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ $(filter %.c,$^)

$(addprefix fuzz-replay-,$(FUZZ_TARGETS)): fuzz-replay-%: $(FUZZ_OUT)/replay-%
	@$< $(FUZZ_DIR)/corpus/$* >$(FUZZ_OUT)/replay-$*.log 2>&1 || \
		{ cat $(FUZZ_OUT)/replay-$*.log; echo "FAILED: fuzz-replay $*"; exit 1; }
	@echo "fuzz-replay $*: $$(tail -n 1 $(FUZZ_OUT)/replay-$*.log)"

$(addprefix fuzz-,$(FUZZ_TARGETS)): fuzz-%: $(FUZZ_OUT)/fuzz-%
	@mkdir -p $(FUZZ_OUT)/found-$*
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=$(FUZZ_OUT)/$*- $(FUZZ_OUT)/found-$* $(FUZZ_DIR)/corpus/$*
