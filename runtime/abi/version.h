/*
 * Versions: our own, and that of HAProxy whose configurations and commands this takes.
 */
#ifndef PX_VERSION_H
#define PX_VERSION_H

#define PX_VERSION "0.1.0"
#define PX_HAPROXY_VERSION "2.6.12"
#define PX_RELEASE_DATE "2026/11/24"

/* What is answered where HAProxy answers its version. */
#define PX_VERSION_TEXT PX_HAPROXY_VERSION "-proxyc-" PX_VERSION

#endif
