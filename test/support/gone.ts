import { execa } from "execa"

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  await execa("timeout", ["60", "tail", `--pid=${pid}`, "--sleep-interval=0.01", "-f", "/dev/null"])
}
