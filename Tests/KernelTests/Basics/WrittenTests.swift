import Testing

@testable import Kernel

@Suite("Texts that people write in both languages")
struct WrittenTests {
    @Test(
        "A stroke between spaces parts Chinese from English",
        arguments: [
            ("研究员 / Researcher", "研究员", "Researcher"),
            ("市民中心 C2010 会议室 / Room C2010, Civic Centre", "市民中心 C2010 会议室", "Room C2010, Civic Centre"),
            ("拨付 KJ-1 / paid KJ-1 / in full", "拨付 KJ-1", "paid KJ-1 / in full"),
        ])
    func both(text: String, zh: String, en: String) {
        #expect(Bilingual(written: text) == Bilingual(zh, en))
    }

    @Test(
        "Whatever is written otherwise stays whole in both",
        arguments: [
            "研究员", "Researcher", "线上会议 Tencent Meeting", "物理/化学", "物理 / 化学", "A / B", "", " / ", "设备 / PLC S7",
            "同意补测 / OK",
        ])
    func one(text: String) {
        #expect(Bilingual(written: text) == Bilingual(text, text))
    }

    @Test("Names in a row are parted as each language does it")
    func listed() {
        #expect(["甲", "乙"].listed == Bilingual("甲、乙", "甲, 乙"))
        #expect([String]().listed == Bilingual("", ""))
    }
}
