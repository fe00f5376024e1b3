import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"

const FOLDER = fileURLToPath(new URL("types/", import.meta.url))
const MARK = /^ *\/\/ @ts-expect-error TS(\d+) (\S+) -- (.*)$/
const wrong = join(FOLDER, "wrong.ts")

const { config }: { config?: { compilerOptions?: object } } = ts.readConfigFile(fileURLToPath(new URL("../tsconfig.base.json", import.meta.url)), (file) => readFileSync(file, "utf8"))
const { options } = ts.convertCompilerOptionsFromJson({ ...config?.compilerOptions, composite: false, declaration: false, noEmit: true, lib: ["es2024"], target: "es2024" }, FOLDER)

/** The compiler reads the wrong file without its marks, so that each error shows as what it is. */
const host = ts.createCompilerHost(options)
const readFile = host.readFile.bind(host)
host.readFile = (file) => (file === wrong ? readFile(file)?.replaceAll("@ts-expect-error", "marked:") : readFile(file))
const getSourceFile = host.getSourceFile.bind(host)
host.getSourceFile = (file, ...rest) => (file === wrong ? ts.createSourceFile(file, host.readFile(file) ?? "", ts.ScriptTarget.ES2024, true) : getSourceFile(file, ...rest))

const faults = ts.getPreEmitDiagnostics(ts.createProgram([join(FOLDER, "sound.ts"), wrong], options, host)).map(({ file, start = 0, code, messageText }) => ({
  place: `${file?.fileName.slice(FOLDER.length) ?? ""}:${(file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1}`, code, said: ts.flattenDiagnosticMessageText(messageText, "\n"),
}))

const lines = readFileSync(wrong, "utf8").split("\n")
const marks = lines.flatMap((line, index) => {
  const [, code, word = "", why = ""] = MARK.exec(line) ?? []
  // The line of the mark is counted from one, and the error is on the one after it, or where that statement goes on.
  return code === undefined ? [] : [{ why, place: `wrong.ts:${index + 2}`, code: Number(code), word }]
})

describe("what must not compile", () => {
  test.each(marks.map((mark) => [mark.why, mark] as const))("%s", (_why, { place, code, word }) => {
    expect(faults.filter((fault) => fault.place === place)).toEqual([{ place, code, said: expect.stringContaining(word) }])
  })
})

test("all that is right compiles, and nothing is wrong for a reason that is not told", () => {
  expect(marks.length).toBeGreaterThan(40)
  expect(lines.filter((line) => line.includes("@ts-expect-error"))).toHaveLength(marks.length)
  expect(faults.filter(({ place }) => !marks.some((mark) => mark.place === place))).toEqual([])
})
