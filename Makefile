# proxyc - see 'make help'

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CFLAGS ?= -O2 -g
# SANITIZE=address,undefined (or thread) builds everything, proxies included, with sanitizers.
SANITIZE ?=
RUN_ARGS ?=
# V=1 shows the commands.
V ?=
Q := $(if $(V),,@)

ifeq ($(origin CC),default)
CC := gcc
endif

WARNINGS := -Wall -Wextra -Werror -pedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla
STANDARD := -std=c17 -D_GNU_SOURCE
SANITIZER := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
override CFLAGS += $(SANITIZER)
COMPILE = $(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) -MMD -MP

.DEFAULT_GOAL := all

COMPILER_SOURCES := $(sort $(wildcard compiler/*/*.c))
RUNTIME_SOURCES := $(sort $(wildcard runtime/*/*.c))
ALL_COMPILER_OBJECTS := $(COMPILER_SOURCES:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/templates.o
COMPILER_OBJECTS := $(filter-out $(BUILD)/obj/compiler/driver/main.o,$(ALL_COMPILER_OBJECTS)) \
	$(BUILD)/obj/runtime/base/options.o
RUNTIME_OBJECTS := $(RUNTIME_SOURCES:%.c=$(BUILD)/obj/%.o)
HOME_DIR := $(BUILD)/lib/proxyc
RUNTIME_LIB := $(HOME_DIR)/libpxrt.a
ABI_FILES := $(wildcard runtime/abi/*)
ABI_COPIES := $(ABI_FILES:runtime/abi/%=$(HOME_DIR)/include/%)
COMPILER_LIBS := -lpcre2-8 -lcrypto

.PHONY: all run test check test-tools test-programs install uninstall lint format clean help deps test-deps

all: $(BUILD)/proxyc $(BUILD)/haproxy $(RUNTIME_LIB) $(ABI_COPIES) ## build the compiler and the runtime library

# What the build needs and Debian has; nothing is done when all is there.
DEPS := gcc libc6-dev libpcre2-dev libssl-dev libxxhash-dev
TEST_DEPS := $(DEPS) check clang curl haproxy iproute2 nginx openssl pkg-config procps socat varnish
LINT_DEPS := clang-format clang-tidy
define install_missing
	@mkdir -p $(BUILD); want=; \
	have=$$(dpkg-query -W -f='$${db:Status-Abbrev} $${Package}\n' $(1) 2>/dev/null | \
	  sed -n 's/^ii *//p'); \
	for p in $(1); do echo "$$have" | grep -qx "$$p" || want="$$want $$p"; done; \
	if [ -n "$$want" ]; then echo "installing:$$want"; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); \
	  $$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c "apt-get update -qq && \
	    apt-get install -qq -y --no-install-recommends $$want" </dev/null >$(BUILD)/apt.log 2>&1 || \
	    { tail -n 20 $(BUILD)/apt.log; exit 1; }; fi
endef

deps:
	$(call install_missing,$(DEPS))

test-deps:
	$(call install_missing,$(TEST_DEPS))

run: deps ## install what is missing, build, and serve examples/quickstart.cfg on 127.0.0.1:8080
	@$(MAKE) --no-print-directory -s all
	@echo "Serving examples/quickstart.cfg on http://127.0.0.1:8080/ - stop it with Ctrl-C. Try:"
	@sed -n 's/^# try: */    /p' examples/quickstart.cfg
	@exec $(BUILD)/proxyc run examples/quickstart.cfg -- $(RUN_ARGS)

$(BUILD)/proxyc: $(COMPILER_OBJECTS) $(BUILD)/obj/compiler/driver/main.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(COMPILER_LIBS)
	@echo "built $@"

$(BUILD)/haproxy: $(BUILD)/proxyc
	$(Q)ln -sf proxyc $@

$(RUNTIME_LIB): $(RUNTIME_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^
	@echo "built $@"

$(HOME_DIR)/include/%: runtime/abi/%
	@mkdir -p $(@D)
	@cp $< $@

$(BUILD)/obj/runtime/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -ffunction-sections -fdata-sections -c $< -o $@

$(BUILD)/obj/compiler/driver/build.o: COMPILE += -DPROXYC_SANITIZE='"$(SANITIZER)"'

$(BUILD)/obj/compiler/%.o: compiler/%.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c $< -o $@

$(BUILD)/obj/templates.o: templates/program.tpl
	@mkdir -p $(@D)
	$(Q)printf '.section .rodata\n.globl emit_template_text\nemit_template_text:\n.incbin "%s"\n.byte 0\n.section .note.GNU-stack,"",%%progbits\n' $< | $(CC) -x assembler -c - -o $@

-include $(wildcard $(BUILD)/obj/*/*/*.d)

# The same flags for everything, or everything again.
FLAGS_FILE := $(BUILD)/flags
FLAGS_NOW := $(CC) $(CFLAGS)
ifneq ($(FLAGS_NOW),$(shell cat $(FLAGS_FILE) 2>/dev/null))
$(shell mkdir -p $(BUILD); printf '%s\n' '$(FLAGS_NOW)' > $(FLAGS_FILE))
endif
$(ALL_COMPILER_OBJECTS) $(RUNTIME_OBJECTS): $(FLAGS_FILE)

SHARE = $(DESTDIR)$(PREFIX)/share
SHARED_FILES = man:man/man1/proxyc.1 bash:bash-completion/completions/proxyc \
	zsh:zsh/site-functions/_proxyc fish:fish/vendor_completions.d/proxyc.fish

install: all ## install into PREFIX (default /usr/local), below DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/proxyc/include
	install $(BUILD)/proxyc $(DESTDIR)$(PREFIX)/bin/proxyc
	ln -sf proxyc $(DESTDIR)$(PREFIX)/bin/haproxy
	install -m 644 $(RUNTIME_LIB) $(DESTDIR)$(PREFIX)/lib/proxyc/
	install -m 644 $(ABI_COPIES) $(DESTDIR)$(PREFIX)/lib/proxyc/include/
	@for f in $(SHARED_FILES); do install -d $(SHARE)/$$(dirname $${f#*:}) && \
	  $(BUILD)/proxyc help $${f%%:*} >$(SHARE)/$${f#*:} || exit 1; done

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/proxyc $(DESTDIR)$(PREFIX)/bin/haproxy \
	  $(DESTDIR)$(PREFIX)/lib/proxyc
	@for f in $(SHARED_FILES); do rm -f $(SHARE)/$${f#*:}; done

C_FILES = $(shell git ls-files '*.c' '*.h' 2>/dev/null | grep -v '^tests/golden/')

format: ## format all C files
	clang-format -i $(C_FILES)

lint: ## install clang-tidy, and look for what compilers do not see: format, clang-tidy, floors
	$(call install_missing,$(LINT_DEPS))
	clang-format --dry-run -Werror $(C_FILES)
	printf '%s\n' $(COMPILER_SOURCES) $(RUNTIME_SOURCES) | \
	  xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$$@" -- $(STANDARD) -DPROXYC_SANITIZE=\"\"' sh
	BUILD='$(abspath $(BUILD))' TOP='$(CURDIR)' sh tests/layers/run.sh

clean: ## remove build/
	rm -rf $(BUILD)

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

BENCH_NEEDS = all
-include $(wildcard tests/*/*.mk)

# What runs with sanitizers as well; the rest is about files and times.
SUITES := layers build golden errors vocabulary unit fuzz examples e2e diff checks servers wire faults process bench
SANITIZED := golden vocabulary unit fuzz examples e2e diff checks wire faults process
SANITIZED_BUILD := $(BUILD)/asan
THREADED := examples e2e
THREADED_BUILD := $(BUILD)/tsan
suites_here = $(foreach s,$(1),$(if $(wildcard tests/$(s)/run.sh),$(s)))

test: test-deps ## install what is missing, build, and run all tests
	@$(MAKE) --no-print-directory test-programs
	@$(MAKE) --no-print-directory test-programs BUILD='$(SANITIZED_BUILD)' \
	  SANITIZE=address,undefined CFLAGS='-O1 -g'
	@$(MAKE) --no-print-directory test-tools BUILD='$(THREADED_BUILD)' \
	  SANITIZE=thread CFLAGS='-O1 -g'
	@BUILD='$(abspath $(BUILD))' sh tests/run.sh $(call suites_here,$(SUITES)) \
	  $(addsuffix @$(abspath $(SANITIZED_BUILD)),$(call suites_here,$(SANITIZED))) \
	  $(addsuffix @$(abspath $(THREADED_BUILD)),$(call suites_here,$(THREADED)))

check: all test-programs ## run the tests without the sanitizer build
	@BUILD='$(abspath $(BUILD))' sh tests/run.sh $(call suites_here,$(SUITES))

test-tools: all bench-tools $(TEST_PROGRAMS)

test-programs: test-tools $(BUILD)/golden/dump $(UNIT_PROGRAMS) \
	$(addprefix $(FUZZ_OUT)/replay-,$(FUZZ_TARGETS))
