E0300.cfg:2:5: error: unknown keyword 'maxcon' [E0300]
E0300.cfg:2:5: note: did you mean 'maxconn'?
E0300.cfg:12:5: error: unknown keyword 'timeout cleint' [E0300]
E0300.cfg:12:5: note: did you mean 'timeout client'?
E0300.cfg:13:5: error: unknown keyword 'option httplogs' [E0300]
E0300.cfg:13:5: note: did you mean 'option httplog'?
E0300.cfg:14:18: error: unknown action 'denny' [E0300]
E0300.cfg:14:18: note: did you mean 'deny'?
E0300.cfg:15:35: error: unknown sample fetch 'req.hdrr' [E0300]
E0300.cfg:15:35: note: did you mean 'req.hdr'?
E0300.cfg:15:50: error: unknown converter 'lowerr' [E0300]
E0300.cfg:15:50: note: did you mean 'lower'?
E0300.cfg:16:25: error: unknown bind option 'transparant' [E0300]
E0300.cfg:16:25: note: did you mean 'transparent'?
E0300.cfg:17:5: error: unknown keyword 'frobnicate' [E0300]
E0300.cfg:18:5: error: unknown keyword 'stats enabel' [E0300]
E0300.cfg:18:5: note: did you mean 'stats enable'?
E0300.cfg:18:5: note: that is not supported yet
E0300.cfg:21:27: error: unknown server option 'wieght' [E0300]
E0300.cfg:21:27: note: did you mean 'weight'?
