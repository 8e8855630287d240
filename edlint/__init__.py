"""edlint, the linter for the boundary of an enclave.

How a run goes; every box is a module or a folder of this package::

   .edl      .c .h .cc .cpp .hpp     *.conf *.config.xml    rules/models/*.toml    rules/**/*.md    config, baseline
     |              |                      |                       |                     |                |
   frontends/edl  frontends/c        frontends/settings         sdk.py              catalog.py        config.py
     |              |                      |                       |                     |                |
 [ Interface ]   [ Unit ]*            [ Settings ]              [ Sdk ]              [ Rule ]*        [ Config ]
     +--------------+------ link.py -------+-----------------------+                     |                |
                      [ Program ]  frozen from here on                                   |                |
                          |                                                              |                |
            analysis: Facts.get(CallGraph | Guards | Extents | TaintSummaries | ...)     |                |
                          |                                                              |                |
            checks/<rule>.check(program, the facts its signature names) <----------------+                |
                          |                                                                               |
                       [ Found ]*  -->  driver.py + suppress.py + baseline.py  <--------------------------+
                                              |
                                  [ Report ] = findings + what was NOT analysed
                                              |
                     report/ text, concise, json, sarif, ... -> str (cli.py prints it)

Makefiles, CMake's files and projects of Visual Studio go through frontends/builds into link.py: what is compiled into
what tells the sides of files.

Imports run downhill only::

    __main__ > cli > driver > catalog > checks > rule > {link analysis suppress baseline}
             > {frontends sdk report config} > {model finding} > source
"""

__version__ = "0.1.0"
