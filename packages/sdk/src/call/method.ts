/** What a handler asks of whoever called it. */
export type Method =
  | "script" | "detached" | "bash" | "exec" | "expect" | "powershell" | "sync"
  | "read" | "write" | "stat" | "reserve" | "credentials"

export const methods: readonly Method[] = ["script", "detached", "bash", "exec", "expect", "powershell", "sync", "read", "write", "stat", "reserve", "credentials"]
