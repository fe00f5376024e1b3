import type { Job } from "@veneer/engine/client"
import type { Output } from "../output.ts"
import { cleanLine } from "../text/clean.ts"
import { duration } from "../text/format.ts"
import { fit } from "../text/width.ts"

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const
const FRAME_MS = 120
const BAR_CELLS = 20
const CLEAR_LINE = "\r\u001b[K"

type Step = Job["steps"][number]

/** How a job is shown while it runs. */
export interface View {
  update: (job: Job) => void
  line: (step: string, text: string) => void
  end: () => void
}

const write = (text: string) => process.stderr.write(text)

/** On a terminal: finished steps stay, the running one moves. */
export function liveView(output: Output): View {
  const { errorColors } = output
  let job: Job | undefined
  let printed = 0
  let frame = 0
  const started = Date.now()
  const draw = (): void => {
    if (!job) return
    frame = (frame + 1) % FRAMES.length
    write(CLEAR_LINE + errorColors.cyan(fit(`  ${FRAMES[frame]} ${runningText(job, Date.now() - started)}`, (process.stderr.columns ?? 80) - 1)))
  }
  const timer = setInterval(draw, FRAME_MS)
  return {
    update: (next) => {
      job = next
      const over = next.steps.findIndex((step) => step.state === "running")
      const finished = next.steps.slice(printed, over === -1 || next.state === "undoing" ? undefined : over).filter((step) => step.state !== "running")
      for (const step of finished) write(`${CLEAR_LINE}  ${mark(step, output)} ${stepText(step)}\n`)
      printed += finished.length
      draw()
    },
    line: (step, text) => {
      write(`${CLEAR_LINE}${errorColors.dim(`    ${cleanLine(step)} │ ${cleanLine(text)}`)}\n`)
      draw()
    },
    end: () => {
      clearInterval(timer)
      write(CLEAR_LINE)
    },
  }
}

/** Without a terminal: a line a step, when it ends or is undone. */
export function plainView(): View {
  const told = new Map<number, Step["state"]>()
  return {
    update: ({ steps }) => {
      for (const [index, step] of steps.entries()) {
        if (step.state === "running" || told.get(index) === step.state) continue
        told.set(index, step.state)
        write(`${stepText(step)}  ${step.state}\n`)
      }
    },
    line: (step, text) => write(`  ${cleanLine(step)} | ${cleanLine(text)}\n`),
    end: () => undefined,
  }
}

/** The running step with its bar, what goes on in it and how long the job has taken. */
function runningText({ state, steps, progress }: Job, elapsedMs: number): string {
  const step = steps.findLast((candidate) => candidate.state === "running")
  if (state === "queued") return `waiting for its turn  ${duration(elapsedMs)}`
  if (state === "undoing") return `undoing  ${duration(elapsedMs)}`
  if (!step) return duration(elapsedMs)
  const moving = progress?.step === step.name ? progress : undefined
  const parts = [cleanLine(step.name), moving?.fraction === undefined ? "" : bar(moving.fraction), cleanLine(moving?.message ?? ""), duration(elapsedMs)]
  return parts.filter(Boolean).join("  ")
}

export function bar(fraction: number): string {
  const whole = Math.max(0, Math.min(1, fraction))
  const full = Math.round(whole * BAR_CELLS)
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${Math.floor(whole * 100)}%`
}

const stepText = ({ name, ms }: Step): string => `${cleanLine(name).padEnd(16)} ${ms === undefined ? "" : duration(ms).padStart(7)}`.trimEnd()

function mark({ state }: Step, { errorColors }: Output): string {
  if (state === "done") return errorColors.green("✓")
  return state === "undone" ? errorColors.yellow("↶") : errorColors.red("✗")
}
