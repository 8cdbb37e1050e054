import Kernel
import Testing

@Suite("The vault and its keys")
struct VaultTests {
    static let first = [UInt8](repeating: 1, count: 32)
    static let second = [UInt8](repeating: 2, count: 32)

    @Test("Old keys open what they sealed, the newest seals, and a retired key opens nothing")
    func ring() throws {
        let old = Vault(key: Self.first)
        let ring = Vault(key: Self.second, earlier: [Self.first])
        let new = Vault(key: Self.second, index: Self.first)
        let sealed = try old.seal("C01X00T47")
        #expect(try ring.open(sealed) == "C01X00T47")
        #expect(!ring.isCurrent(sealed) && ring.keyName(of: sealed) == old.newestKey)
        let again = try ring.seal("C01X00T47")
        #expect(ring.isCurrent(again) && ring.newestKey != old.newestKey)
        #expect(try new.open(again) == "C01X00T47")
        #expect(throws: AccessError.unreadableSecret) { try new.open(sealed) }
        #expect(throws: AccessError.unreadableSecret) { try old.open(again) }
    }

    @Test("Marks stay the same while keys change, because they cannot be made anew")
    func marks() {
        let old = Vault(key: Self.first)
        let ring = Vault(key: Self.second, earlier: [Self.first])
        let retired = Vault(key: Self.second, index: Self.first)
        #expect(old.mark("P1") == ring.mark("P1") && ring.mark("P1") == retired.mark("P1"))
        #expect(old.mark("P1") != Vault(key: Self.second).mark("P1"))
    }

    @Test("What an old key signed holds while the key is in the ring, and no other text has that signature")
    func signatures() {
        let old = Vault(key: Self.first)
        let ring = Vault(key: Self.second, earlier: [Self.first])
        let retired = Vault(key: Self.second, index: Self.first)
        let signature = old.signature(of: "P1")
        #expect(old.isSigned("P1", as: signature) && ring.isSigned("P1", as: signature))
        #expect(!retired.isSigned("P1", as: signature) && !ring.isSigned("P2", as: signature))
        #expect(!ring.isSigned("P1", as: signature.uppercased()) && !ring.isSigned("P1", as: ""))
        #expect(ring.signature(of: "P1") != signature && signature != old.mark("P1"))
    }

    @Test("A changed byte anywhere, the name of the key included, is noticed")
    func tampering() throws {
        let vault = Vault(key: Self.second, earlier: [Self.first])
        let sealed = try vault.seal("1980-01-31")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x40
            #expect(throws: AccessError.unreadableSecret) { try vault.open(changed) }
        }
        #expect(try vault.seal("1980-01-31") != sealed, "two seals of one text must differ")
    }

    @Test("Empty and long texts come back whole")
    func lengths() throws {
        let vault = Vault(key: Self.first)
        for count in [0, 1, 15, 16, 17, 4_096, 300_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(try vault.open(bytes: try vault.seal(bytes: bytes)) == bytes)
        }
    }
}
