/** The mark by which a restarted engine finds what its dead self left running. */
export const ENGINE_MARK = "VENEER_ENGINE"

/** The mark of what is meant to outlive the engine. */
export const DETACHED_MARK = "VENEER_DETACHED"
