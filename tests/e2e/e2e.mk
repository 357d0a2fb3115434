# e2e.mk - the program that lets allocations fail: a proxy and its clients in one process.
TEST_PROGRAMS += $(BUILD)/e2e/memory

$(BUILD)/e2e/memory_proxy.c: tests/e2e/memory.cfg $(BUILD)/proxyc $(ABI_COPIES)
	@mkdir -p $(@D)
	$(Q)$(BUILD)/proxyc emit -q $< >$@.new && mv $@.new $@

# The proxy's own main() is called by another name.
$(BUILD)/e2e/proxy_main.o: $(BUILD)/obj/runtime/ops/main.o
	@mkdir -p $(@D)
	$(Q)objcopy --redefine-sym main=proxy_main $< $@

$(BUILD)/e2e/memory: tests/e2e/memory.c $(BUILD)/e2e/memory_proxy.c $(BUILD)/e2e/proxy_main.o $(RUNTIME_LIB)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) $(SANITIZER) -I$(HOME_DIR)/include -pthread \
	  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=px_loop_run \
	  -o $@ $^ $(LDFLAGS) -lpcre2-8 -lcrypt

# dns: a name server whose answers stand in a file.
TEST_PROGRAMS += $(BUILD)/e2e/dns

$(BUILD)/e2e/dns: tests/e2e/dns.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) $(CFLAGS) $(SANITIZER) -o $@ $< $(LDFLAGS)
