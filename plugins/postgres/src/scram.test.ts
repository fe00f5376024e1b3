import { Secret } from "@veneer/sdk"
import { describe, expect, it } from "vitest"
import { scramVerifier } from "./scram.ts"

describe("the verifier of a password", () => {
  it("is what RFC 7677's example comes to", async () => {
    const verifier = await scramVerifier(new Secret("pencil"), Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"))
    expect(verifier).toBe("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")
  })

  it("is another each time", async () => {
    expect(await scramVerifier(new Secret("x"))).not.toBe(await scramVerifier(new Secret("x")))
  })

  it("takes a character and its decomposed form for the same", async () => {
    const salt = Buffer.alloc(16)
    expect(await scramVerifier(new Secret("e\u0301"), salt)).toBe(await scramVerifier(new Secret("é"), salt))
    expect(await scramVerifier(new Secret("\u200e"), salt)).not.toBe(await scramVerifier(new Secret(""), salt))
  })
})
