import type ssh2 from "ssh2"

/** Read when the first host over SSH is reached: an engine without one starts faster without it. */
export const loadSsh = async (): Promise<typeof ssh2> => (await import("ssh2")).default
