/** What a handler asks of whoever called it. */
export type Method = "script" | "detached" | "bash" | "exec" | "sync" | "reserve"

export const methods: readonly Method[] = ["script", "detached", "bash", "exec", "sync", "reserve"]
