/*
 * Options of TCP sockets. See tcp_options.h.
 */
#include "tcp_options.h"

#include <netinet/tcp.h>
#include <string.h>

bool px_bind_to_device(int fd, const char *interface)
{
    return !interface || !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
                                     (socklen_t)strlen(interface) + 1);
}

bool px_tcp_congestion(int fd, const char *algorithm)
{
    return !algorithm ||
           !setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, algorithm, (socklen_t)strlen(algorithm));
}

bool px_tcp_sign(int fd, const union px_sockaddr *peer, bool everybody, const char *password)
{
    struct tcp_md5sig sig = {.tcpm_flags = everybody ? TCP_MD5SIG_FLAG_PREFIX : 0};
    size_t len = password ? strlen(password) : 0;
    if (!len)
        return true;
    memcpy(&sig.tcpm_addr, peer,
           sizeof *peer < sizeof sig.tcpm_addr ? sizeof *peer : sizeof sig.tcpm_addr);
    sig.tcpm_keylen = (uint16_t)len;
    memcpy(sig.tcpm_key, password, len < sizeof sig.tcpm_key ? len : sizeof sig.tcpm_key);
    return !setsockopt(fd, IPPROTO_TCP, everybody ? TCP_MD5SIG_EXT : TCP_MD5SIG, &sig, sizeof sig);
}
