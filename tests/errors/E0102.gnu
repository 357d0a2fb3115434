E0102.cfg:9:34: error: control character 0x1b in a word [E0102]
E0102.cfg:9:34: note: if it is meant, write it as \x1b
