@rem `exec` of a POSIX shell, for the scripts of package.json: without it the shell between npm and node keeps signals to itself.
@%*
