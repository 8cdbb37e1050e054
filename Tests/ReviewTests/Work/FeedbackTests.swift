import Kernel
import Store
import Testing

@testable import Review

@Suite("Feedback to applicants")
struct FeedbackTests {
    static let finder = IdentityFinder(
        names: ["张晓明", "李", "Alan Turing"], employers: ["南方科技大学", "深圳市某某科技有限公司"])

    @Test(
        "Names, employers, telephone numbers, mail and accounts are found",
        arguments: [
            ("我同意张晓明教授的看法", ["name"]), ("张 晓 明教授也这样看", ["name"]), ("本人在南方科技大学做过同样的试验", ["employer"]),
            ("我们深圳市某某科技也有产品", ["employer"]), ("有问题请打 138-0013-8000", ["telephone"]),
            ("电话 0755-12345678", ["telephone"]), ("call +44 20 7946 0958", ["telephone"]),
            ("请写信到 zhang.xm＠sustech.edu.cn", ["mail"]), ("加我微信：xm_zhang88 讨论", ["account"]),
            ("as Alan Turing showed", ["name"]), ("李的定理不成立", []), ("样本有 13800138000123 条记录", []),
            ("在 2019 年和 2020 年的 1500 个样本上误差为 0.35", []), ("方案可行，指标需要细化。", []),
        ] as [(String, [String])])
    func found(text: String, kinds: [String]) {
        #expect(Self.finder.matches(in: text).map(\.kind.rawValue) == kinds, "\(text)")
        #expect(Self.finder.matches(in: Self.finder.masked(text)).isEmpty)
    }

    /// A round of one item whose first opinion tells who wrote it.
    static func told() async throws -> (city: ReviewCity, item: ID<CaseFile>, told: Assignment, round: Round) {
        let city = try await ReviewCity.open(experts: 6)
        let (round, _) = try await city.drawn()
        let all = try await city.assignments(round)
        for one in all {
            let expert = try city.actor(one.expert)
            try await city.sheets.accept(one.id, by: expert)
            let words =
                one.id == all[0].id
                ? "我在 \(expert.name.replacing("Expert", with: "University")) 做过，数据不可靠。" : "数据不可靠，请补充。"
            _ = try await city.sheets.save(
                one.id, values: ReviewCity.answers(60, comment: words), expecting: 0, by: expert)
            try await city.sheets.submit(one.id, by: expert)
        }
        return (city, all[0].item, all[0], round)
    }

    @Test("An opinion that tells who wrote it is held back until its words are mended; the sheet stays as it was")
    func heldBack() async throws {
        let (city, item, told, round) = try await Self.told()
        func list() async throws -> [Feedback] {
            try await city.db.read { tx in try FeedbackStore.list(of: item, ReviewCity.sheet, tx) }
        }
        let before = try await list()
        #expect(before.count == 2 && before.count(where: { $0.isReleased }) == 1)
        #expect(before.first { !$0.isReleased }?.findings["comment"]?.map(\.kind) == [.employer])
        // Words that still tell it, and words that are gone, are refused.
        for words in ["电话 13800138000，数据不可靠，请补充。", "  "] {
            await #expect(throws: ReviewError.self) {
                try await city.review.mend(told.id, values: { $0 == "comment" ? words : nil }, by: city.officer)
            }
        }
        let expert = try city.actor(told.expert)
        await #expect(throws: AccessError.self) {
            try await city.review.mend(told.id, values: { _ in "数据不可靠，请补充。" }, by: expert)
        }
        try await city.review.mend(
            told.id, values: { $0 == "comment" ? "在别处做过，数据不可靠。" : nil }, by: city.officer)
        let after = try await list()
        #expect(after.allSatisfy { $0.isReleased })
        #expect(after.first(where: \.isMended)?.answers["comment"]?.string == "在别处做过，数据不可靠。")
        #expect(after.first(where: \.isMended)?.answers["score-novelty"] == 60)
        let sheet = try await city.assignment(told.id)
        #expect(sheet.answers["comment"]?.string?.contains("University") ?? false, "the sheet was changed")
        let page = try await city.db.read { tx in try FeedbackStore.list(round, limit: 1, tx) }
        let rest = try await city.db.read { tx in
            try FeedbackStore.list(
                round, after: (page[0].assignment.item.text, page[0].assignment.id.text), limit: 5, tx)
        }
        #expect(page.count == 1 && rest.count == 1)
    }
}
