/**
 * Reads a login shell's profile first. Standard input and output are put aside meanwhile: a profile may read or print, and
 * they belong to the program.
 */
const LOGIN = `exec 8<&0 9>&1 </dev/null >&2; exec bash -l -c 'exec <&8 >&9 8<&- 9>&-; exec "$@"' bash "$@"`

/** The argv that starts a program from a login shell of the OS user it runs as. */
export const fromLoginShell = (argv: readonly [string, ...string[]]): [string, ...string[]] => ["bash", "-c", LOGIN, "bash", ...argv]
