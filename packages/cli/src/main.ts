#!/usr/bin/env node
import { createRequire } from "node:module"
import type { Command } from "commander"
import { exitCodeOf, tell } from "./failure.ts"
import { Output } from "./output.ts"
import { buildProgram } from "./program.ts"

/** What npm publishes says which version it is. */
function version(): string {
  const manifest: unknown = createRequire(import.meta.url)("../package.json")
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown"
}

/** The command that was meant, as far as the arguments tell: whose help helps. */
function pathOf(program: Command, args: readonly string[]): string {
  const noun = program.commands.find((command) => args.includes(command.name()))
  const verb = noun?.commands.find((command) => args.includes(command.name()))
  return ["veneer", noun?.name(), verb?.name()].filter(Boolean).join(" ")
}

async function main(args: readonly string[]): Promise<number> {
  const program = buildProgram(version())
  try {
    await program.parseAsync(args, { from: "user" })
    return 0
  } catch (thrown) {
    tell(thrown, new Output({ json: args.includes("--json") }), pathOf(program, args))
    return exitCodeOf(thrown)
  }
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))
process.exitCode = await main(process.argv.slice(2))
