import Foundation
import Kernel
import Review

/// Our side of the conflicts in `script/bench-review`: `FOLDER ITEMS EXPERTS` makes up a round, finds every pair that is
/// conflicted, prints figures and leaves facts and answers in the folder for the peer.
@main
struct ConflictsBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let sizes = arguments.dropFirst().compactMap { Int($0) }
        guard let folder = arguments.first, sizes.count == 2 else {
            print("usage: FOLDER ITEMS EXPERTS")
            exit(64)
        }
        let made = MadeUpRound(items: sizes[0], experts: sizes[1])
        try made.write(folder)
        let day = Day(number: Int(Date().timeIntervalSince1970) / 86_400)
        let items = made.itemFacts()
        let bare = made.experts.indices.map { made.facts($0, on: day) }
        var pairs: [(item: String, expert: String)] = []
        var (count, ones) = (0, [Double]())
        let start = seconds()
        // Publications become ties here, because the peer reads them in its time too.
        let experts = made.tied(bare, on: day)
        let engine = ConflictEngine(items, on: day, ConflictWindows(all: made.window))
        for expert in experts {
            let began = seconds()
            let found = engine.findings(of: expert)
            ones.append(seconds() - began)
            count += found.count
            for item in Set(found.compactMap(\.item)) { pairs.append((item.text, expert.expert.text)) }
        }
        let whole = seconds() - start
        ones.sort()
        try save(pairs.map { "\($0.item)\t\($0.expert)\n" }.joined(), folder, "conflicts-ours.tsv")
        try save("\(whole)", folder, "conflicts-seconds")
        print(
            "\(sizes[0]) items × \(sizes[1]) experts: \(count) conflicts of \(pairs.count) pairs in "
                + String(format: "%.3f s (goal 5); ", whole)
                + String(
                    format: "one expert again: median %.3f ms, longest %.3f ms (goal 10)",
                    ones[ones.count / 2] * 1_000, (ones.last ?? 0) * 1_000))
    }
}

/// A made-up round: who takes part, who works and worked where, who published with whom, who is related to whom.
struct MadeUpRound {
    struct Item {
        let people: [Int]
        let organisation: Int
    }
    struct Judge {
        let person: Int
        let employer: Int
        /// Earlier employers with the years since they were left.
        let earlier: [(organisation: Int, years: Int)]
        let relations: [Int]
    }
    struct Publication {
        let years: Int
        let people: [Int]
    }

    /// Years for which a past employment or publication counts. Nothing ended in the year on which tools may disagree.
    let window = 3
    private(set) var items: [Item] = []
    private(set) var experts: [Judge] = []
    private(set) var publications: [Publication] = []

    init(items count: Int, experts judges: Int) {
        var random = SeededRandom(seed: 6)
        let authors = count * 2
        for item in 0..<count {
            items.append(
                Item(
                    people: [item, Int.random(in: count..<authors, using: &random)],
                    organisation: Int.random(in: 0..<900, using: &random)))
        }
        for judge in 0..<judges {
            // One expert in twenty takes part in the round; all write in the same journals.
            let person = judge % 20 == 0 ? Int.random(in: 0..<authors, using: &random) : authors + judge
            // Those left had no parent, so that tools need not agree on families of the past.
            let earlier = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                (Int.random(in: 0..<300, using: &random) * 3 + 1, MadeUpRound.years(&random))
            }
            experts.append(
                Judge(
                    person: person, employer: Int.random(in: 0..<900, using: &random), earlier: earlier,
                    relations: [Int.random(in: 0..<authors, using: &random)]))
            for _ in 0..<10 {
                let others = (0..<3).map { _ in Int.random(in: 0..<authors + judges, using: &random) }
                publications.append(Publication(years: MadeUpRound.years(&random), people: [person] + others))
            }
        }
    }

    private static func years(_ random: inout SeededRandom) -> Int {
        [1, 2, 5, 6, 7, 8].randomElement(using: &random) ?? 1
    }

    static func person(_ number: Int) -> String { "p\(number)" }

    /// Organisations are called by their domains; one in three belongs to a house of many.
    static func organisation(_ number: Int) -> String {
        house(number).map { "o\(number).\($0)" } ?? "o\(number).org"
    }

    static func house(_ number: Int) -> String? { number % 3 == 0 ? "g\(number % 60).edu.cn" : nil }

    private func end(_ years: Int, _ day: Day) -> Day? { Day(year: day.parts.year - years, month: 7, day: 1) }

    func itemFacts() -> [ItemFacts] {
        items.enumerated().map { number, item in
            ItemFacts(
                item: ID("item\(number)"), title: Bilingual("项目", "Item"), field: "",
                investigator: ID(MadeUpRound.person(item.people[0])),
                organisation: ID(MadeUpRound.organisation(item.organisation)),
                people: Set(item.people.map { ID(MadeUpRound.person($0)) }), organisations: [],
                parents: MadeUpRound.house(item.organisation).map { [ID($0)] })
        }
    }

    func facts(_ number: Int, on day: Day) -> ExpertFacts {
        let expert = experts[number]
        return ExpertFacts(
            expert: ID("x\(number)"), person: ID(MadeUpRound.person(expert.person)),
            employers: [ID(MadeUpRound.organisation(expert.employer))],
            employments: expert.earlier.map {
                ExpertFacts.Employment(
                    organisation: ID(MadeUpRound.organisation($0.organisation)), from: Day(number: 0),
                    to: end($0.years, day))
            },
            parents: MadeUpRound.house(expert.employer).map { [ID($0)] },
            declared: Set(expert.relations.map(MadeUpRound.person)))
    }

    /// The same facts with a tie to everybody that an expert published with.
    func tied(_ facts: [ExpertFacts], on day: Day) -> [ExpertFacts] {
        var written: [Int: [Int]] = [:]
        for (number, publication) in publications.enumerated() {
            for person in Set(publication.people) { written[person, default: []].append(number) }
        }
        return facts.enumerated().map { number, bare in
            var known = bare
            let own = experts[number].person
            for publication in (written[own] ?? []).map({ publications[$0] }) {
                let last = end(publication.years, day)
                for person in publication.people where person != own {
                    known.ties.append(Tie(.coAuthor, MadeUpRound.person(person), to: last, source: "list"))
                }
            }
            return known
        }
    }

    func write(_ folder: String) throws {
        let lines = items.enumerated().map { number, item in
            "item\(number)\t\(item.people.map(MadeUpRound.person).joined(separator: " "))"
                + "\t\(MadeUpRound.organisation(item.organisation))\n"
        }
        try save(lines.joined(), folder, "items.tsv")
        let judges = experts.enumerated().map { number, expert in
            let earlier = expert.earlier.map { "\(MadeUpRound.organisation($0.organisation)):\($0.years)" }
            return "x\(number)\t\(MadeUpRound.person(expert.person))\t\(MadeUpRound.organisation(expert.employer))\t"
                + "\(earlier.joined(separator: " "))\t\(expert.relations.map(MadeUpRound.person).joined(separator: " "))\n"
        }
        try save(judges.joined(), folder, "experts.tsv")
        let works = publications.map {
            "\($0.years)\t\($0.people.map(MadeUpRound.person).joined(separator: " "))\n"
        }
        try save(works.joined(), folder, "publications.tsv")
    }
}

/// Processor seconds of this process so far: one thread works, and others may use the machine.
func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func save(_ text: String, _ folder: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
}
