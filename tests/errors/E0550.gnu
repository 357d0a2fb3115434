E0550.cfg:9:58: error: a second payload [E0550]
E0550.cfg:9:49: note: the first one is here
