W0201.cfg:1:1: warning: missing timeouts for frontend 'www' [W0201]
W0201.cfg:1:1: note: without 'timeout client', a peer that vanishes holds its connection for ever
W0201.cfg:4:1: warning: missing timeouts for backend 'app' [W0201]
W0201.cfg:4:1: note: without 'timeout connect', 'timeout server', a peer that vanishes holds its connection for ever
W0201.cfg:7:1: warning: missing timeouts for listen 'both' [W0201]
W0201.cfg:7:1: note: without 'timeout connect', 'timeout server', a peer that vanishes holds its connection for ever
Configuration file is valid
