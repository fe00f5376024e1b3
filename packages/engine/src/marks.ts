/** The mark by which a restarted engine finds what its dead self left running. */
export const ENGINE_MARK = "VENEER_ENGINE"

/** The mark of what is meant to outlive the engine. */
export const DETACHED_MARK = "VENEER_DETACHED"

/** The session in which a plugin's command runs; what has left it did so on purpose. Set by the command itself. */
export const SESSION_MARK = "VENEER_SESSION"
