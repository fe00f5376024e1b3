import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { mountAt, type Mount, parseMountinfo, pathsOf, placeOf, readMounts } from "./mountinfo.ts"

/** What the kernel's `mangle` does to a field. */
const escape = (field: string) =>
  field.replaceAll(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`)

const line = ({ device, root, mountPoint, type, source }: Mount, optional: readonly string[]) =>
  ["36", "35", device, escape(root), escape(mountPoint), "rw,noatime", ...optional, "-", type, escape(source), "rw"].join(" ")

const segment = fc.string({ minLength: 1, unit: "binary" }).filter((name) => !/[/\0]/.test(name) && name !== "." && name !== "..")
const absolute = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`)
const mount: fc.Arbitrary<Mount> = fc.record({
  device: fc.tuple(fc.nat(255), fc.nat(255)).map(([major, minor]) => `${major}:${minor}`),
  root: absolute,
  mountPoint: absolute,
  type: fc.constantFrom("btrfs", "xfs", "fuse.sshfs"),
  source: absolute,
})
const optional = fc.subarray(["shared:1", "master:7", "unbindable"])

const at = (mountPoint: string, device: string): Mount => ({ device, root: "/", mountPoint, type: "ext4", source: "x" })

describe("mountinfo", () => {
  it("gives back every mount, whatever characters its paths have", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(mount, optional)), (mounts) => {
        const text = mounts.map(([one, fields]) => `${line(one, fields)}\n`).join("")
        expect(parseMountinfo(text)).toEqual(mounts.map(([one]) => one))
      }),
    )
  })

  it("never throws, and finds nothing in what is not mountinfo", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMountinfo(text)))
    expect(parseMountinfo("1 2 3\n\n - ")).toEqual([])
  })

  it("finds a path's place, and that place at the path", () => {
    fc.assert(
      fc.property(mount, fc.array(segment, { maxLength: 3 }), (one, rest) => {
        const path = [one.mountPoint === "/" ? "" : one.mountPoint, ...rest].join("/") || "/"
        const place = placeOf([one], path)
        expect(place && pathsOf([one], place)).toEqual([path])
      }),
    )
  })

  it("takes the innermost mount, and the later of two at one path", () => {
    const mounts = [at("/", "1:1"), at("/a", "1:2"), at("/a", "1:3"), at("/ab", "1:4")]
    expect(placeOf(mounts, "/a/b")).toEqual({ device: "1:3", root: "/b" })
    expect(placeOf(mounts, "/abc")).toEqual({ device: "1:1", root: "/abc" })
    expect(mountAt(mounts, "/a")?.device).toBe("1:3")
  })

  it("reads the kernel's own", () => {
    expect(mountAt(readMounts(), "/")).toBeDefined()
  })
})
