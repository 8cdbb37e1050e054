import Judgement
import Kernel

/// What is asked of those who judge. Each is a question with its definition; chance alone answers some of them, and
/// the definitions say how often.
enum WatchQuestions {
    /// How many standard deviations two favours together must reach, and each of them alone.
    static let bothSides = 3.0
    static let oneSide = 1.0
    /// A habit, in thousandths of a point, that is surely passed, and the fewest sheets on which it stands.
    static let habit = 5_000
    static let habitSheets = 5
    /// Sides of a circle of favours: each at least this many standard deviations.
    static let circleSide = 1.5
    /// Equal tokens of a sheet and of somebody's outside text.
    static let leak = 21
    /// How often somebody gives up what was accepted before it is asked about.
    static let leaving = 2

    static let kinds: [SheetCheck.Kind] = [
        .init(
            id: "watch.reciprocal", title: Bilingual("互相抬分", "Mutual favours"),
            definition: Bilingual(
                "两位专家各自评审过对方参与的申请，扣除宽严习惯后都比同项其他专家高出一个标准差以上，合计高出三个以上。偶然也会出现。",
                "Two experts judged applications in which the other takes part; beyond their habits each lies a standard deviation above the others on it, both together three. Chance makes some."
            )),
        .init(
            id: "watch.circle", title: Bilingual("抬分圈", "Circle of favours"),
            definition: Bilingual(
                "三位以上专家依次抬高下一位参与的申请，每一次都高出一个半标准差以上，最后回到第一位。",
                "Three or more experts of whom each lies one and a half standard deviations above the others on an application of the next, and the last on one of the first."
            )),
        .init(
            id: "watch.high", title: Bilingual("一贯偏高", "Always high"),
            definition: Bilingual(
                "至少 \(habitSheets) 份评审表，校准模型估计的宽严效应扣除误差（90%）后仍高出 \(habit / 1_000) 分。",
                "At least \(habitSheets) sheets, and a kindness of the calibration above \(habit / 1_000) points when its error (90 %) is taken off."
            )),
        .init(
            id: "watch.low", title: Bilingual("一贯偏低", "Always low"),
            definition: Bilingual(
                "至少 \(habitSheets) 份评审表，校准模型估计的宽严效应加上误差（90%）后仍低 \(habit / 1_000) 分。",
                "At least \(habitSheets) sheets, and a strictness of the calibration above \(habit / 1_000) points when its error (90 %) is taken off."
            )),
        .init(
            id: "watch.leak", title: Bilingual("评审内容外泄", "Leak of a sheet"),
            definition: Bilingual(
                "公示期内提出的异议与未公开的评审表有 \(leak) 个以上连续相同的字：异议人可能看到过评审意见。",
                "An objection filed during publicity shares \(leak) tokens in a row with a sheet that nobody outside could have read."
            )),
        .init(
            id: "watch.leaving", title: Bilingual("看后退出", "Leaving after having seen"),
            definition: Bilingual(
                "接受评审、看到申请内容后又谢绝或回避，累计 \(leaving) 次以上。",
                "Accepted, saw the application and then declined or withdrew, \(leaving) times or more.")),
    ]

    static func all(_ facts: WatchFacts) -> [QuestionDraft] {
        reciprocal(facts) + circles(facts) + habits(facts) + leaks(facts) + leaving(facts)
    }

    /// The greatest favour of one expert to another on whose application they sat, in standard deviations.
    static func favours(_ facts: WatchFacts) -> [ID<Expert>: [ID<Expert>: Double]] {
        var owners: [ID<PersonMark>: ID<Expert>] = [:]
        for expert in facts.experts.values { if let person = expert.person { owners[person] = expert.expert } }
        var found: [ID<Expert>: [ID<Expert>: Double]] = [:]
        guard facts.sigma > 0 else { return [:] }
        for sheet in facts.sheets {
            guard let favour = sheet.favour else { continue }
            for person in facts.people[sheet.item] ?? [] {
                guard let other = owners[person], other != sheet.expert else { continue }
                let value = favour / facts.sigma
                found[sheet.expert, default: [:]][other] = max(found[sheet.expert]?[other] ?? -.infinity, value)
            }
        }
        return found
    }

    static func reciprocal(_ facts: WatchFacts) -> [QuestionDraft] {
        let favours = favours(facts)
        var found: [QuestionDraft] = []
        for (one, given) in favours.sorted(by: { $0.key.text < $1.key.text }) {
            for (two, there) in given.sorted(by: { $0.key.text < $1.key.text }) where one.text < two.text {
                guard let back = favours[two]?[one], min(there, back) >= oneSide, there + back >= bothSides else {
                    continue
                }
                found.append(
                    QuestionDraft(
                        "watch.reciprocal", "\(one)|\(two)",
                        Bilingual(
                            "\(name(one, facts)) 与 \(name(two, facts))：高出 \(tenths(there)) 和 \(tenths(back)) 个标准差",
                            "\(name(one, facts)) and \(name(two, facts)): \(tenths(there)) and \(tenths(back)) deviations above"
                        ), figures: experts([one, two], ["there": hundredths(there), "back": hundredths(back)])))
            }
        }
        return found
    }

    static func circles(_ facts: WatchFacts) -> [QuestionDraft] {
        let strong = favours(facts).mapValues { $0.filter { $0.value >= circleSide }.map(\.key) }
        return CircleFinder(strong).groups().map { group in
            let names = group.map { name($0, facts) }
            return QuestionDraft(
                "watch.circle", group.map(\.text).joined(separator: "|"),
                Bilingual(
                    "\(group.count) 位专家：\(names.joined(separator: "、"))",
                    "\(counted(group.count, "expert")): \(names.joined(separator: ", "))"), figures: experts(group, [:])
            )
        }
    }

    static func habits(_ facts: WatchFacts) -> [QuestionDraft] {
        facts.habits.compactMap { one in
            let habit = one.habit
            let sure = abs(habit.bias) - Int((RoundScores.halfWidth * Double(habit.error)).rounded())
            guard habit.count >= habitSheets, sure >= WatchQuestions.habit else { return nil }
            let isHigh = habit.bias > 0
            let points = tenths(Double(abs(habit.bias)) / 1_000)
            let error = tenths(RoundScores.halfWidth * Double(habit.error) / 1_000)
            return QuestionDraft(
                isHigh ? "watch.high" : "watch.low", "\(one.round)|\(habit.expert)",
                Bilingual(
                    "\(name(habit.expert, facts))：\(habit.count) 份，\(isHigh ? "偏高" : "偏低") \(points) ± \(error) 分",
                    "\(name(habit.expert, facts)): \(counted(habit.count, "sheet")), \(points) ± \(error) points \(isHigh ? "above" : "below")"
                ),
                figures: experts(
                    [habit.expert],
                    [
                        "bias": .integer(Int64(habit.bias)), "error": .integer(Int64(habit.error)),
                        "sheets": .integer(Int64(habit.count)), "round": .string(one.round.text),
                    ]))
        }
    }

    static func leaks(_ facts: WatchFacts) -> [QuestionDraft] {
        let sheets = facts.sheets.filter { SheetCheck.substance($0.comment) >= SheetCheck.leastSubstance }
        guard !sheets.isEmpty, !facts.outside.isEmpty else { return [] }
        var finder = DuplicateFinder(
            sheets.map { SheetCheck.bare($0.comment) } + facts.outside.map { SheetCheck.bare($0.text) },
            DuplicateOptions(threshold: 0.3, pasted: leak, shown: 10))
        return finder.run().pairs.compactMap { pair in
            guard pair.left < sheets.count, pair.right >= sheets.count else { return nil }
            let (sheet, outside) = (sheets[pair.left], facts.outside[pair.right - sheets.count])
            let longest = pair.passages.map(\.tokens).max() ?? 0
            guard longest >= leak else { return nil }
            return QuestionDraft(
                "watch.leak", "\(sheet.id)|\(outside.id)",
                Bilingual(
                    "异议与 \(name(sheet.expert, facts)) 的评审表连续相同 \(longest) 字",
                    "An objection shares \(longest) tokens in a row with the sheet of \(name(sheet.expert, facts))"),
                figures: experts(
                    [sheet.expert],
                    ["case": .string(outside.id), "tokens": .integer(Int64(longest)), "sheet": .string(sheet.id.text)]))
        }
    }

    static func leaving(_ facts: WatchFacts) -> [QuestionDraft] {
        facts.left.filter { $0.value.count >= leaving }.sorted { $0.key.text < $1.key.text }.map { expert, gone in
            QuestionDraft(
                "watch.leaving", "\(expert)|\(gone.count)",
                Bilingual(
                    "\(name(expert, facts))：\(gone.count) 次", "\(name(expert, facts)): \(counted(gone.count, "time"))"),
                figures: experts([expert], ["times": .integer(Int64(gone.count))]))
        }
    }

    private static func name(_ id: ID<Expert>, _ facts: WatchFacts) -> String { facts.experts[id]?.name ?? "?" }

    private static func tenths(_ value: Double) -> String {
        let number = Int((abs(value) * 10).rounded())
        return "\(value < 0 ? "−" : "")\(number / 10).\(number % 10)"
    }

    private static func hundredths(_ value: Double) -> JSONValue { .integer(Int64((value * 100).rounded())) }

    private static func experts(_ ids: [ID<Expert>], _ more: [String: JSONValue]) -> JSONValue {
        var members = more
        members["experts"] = .array(ids.map { .string($0.text) })
        return .object(members)
    }
}

/// Groups of which everybody reaches everybody else by favours: strongly connected parts (Tarjan 1972) of three and
/// more.
struct CircleFinder {
    private let edges: [ID<Expert>: [ID<Expert>]]

    init(_ edges: [ID<Expert>: [ID<Expert>]]) {
        self.edges = edges.mapValues { $0.sorted { $0.text < $1.text } }
    }

    private struct Place {
        var index: Int
        var low: Int
        var isOpen: Bool
    }

    /// The groups, each in the order of its members' identities.
    func groups() -> [[ID<Expert>]] {
        var places: [ID<Expert>: Place] = [:]
        var stack: [ID<Expert>] = []
        var found: [[ID<Expert>]] = []
        for start in edges.keys.sorted(by: { $0.text < $1.text }) where places[start] == nil {
            visit(start, &places, &stack, &found)
        }
        return found.filter { $0.count > 2 }.map { $0.sorted { $0.text < $1.text } }.sorted { $0[0].text < $1[0].text }
    }

    /// Without recursion, since a chain of favours may be as long as the pool.
    private func visit(
        _ start: ID<Expert>, _ places: inout [ID<Expert>: Place], _ stack: inout [ID<Expert>],
        _ found: inout [[ID<Expert>]]
    ) {
        var path: [(node: ID<Expert>, next: Int)] = [(start, 0)]
        func open(_ node: ID<Expert>) {
            places[node] = Place(index: places.count, low: places.count, isOpen: true)
            stack.append(node)
        }
        open(start)
        while let (node, next) = path.last {
            let targets = edges[node] ?? []
            if next < targets.count {
                path[path.count - 1].next += 1
                let target = targets[next]
                if let known = places[target] {
                    let low = places[node]?.low ?? 0
                    if known.isOpen { places[node]?.low = min(low, known.index) }
                } else {
                    open(target)
                    path.append((target, 0))
                }
                continue
            }
            path.removeLast()
            if let parent = path.last?.node {
                let low = min(places[parent]?.low ?? 0, places[node]?.low ?? 0)
                places[parent]?.low = low
            }
            guard let place = places[node], place.low == place.index else { continue }
            var group: [ID<Expert>] = []
            while let last = stack.popLast() {
                places[last]?.isOpen = false
                group.append(last)
                if last == node { break }
            }
            found.append(group)
        }
    }
}
