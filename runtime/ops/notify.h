/*
 * Telling the service manager how things stand (sd_notify(3): a datagram to $NOTIFY_SOCKET).
 */
#ifndef PX_NOTIFY_H
#define PX_NOTIFY_H

/* Does nothing where nobody wants to know. */
void px_notify(const char *text);

#endif
