import Kernel
import Portal
import Review
import Store

/// Plays stories in a house, as the people of the demonstration would.
public struct Storyteller: Sendable {
    let services: Services

    public init(_ services: Services) { self.services = services }

    private var house: House { services.house }

    /// What went otherwise than the story says.
    struct Surprise: Error, CustomStringConvertible {
        let description: String
    }

    /// How far a case came.
    struct Outcome: Sendable {
        let file: CaseFile
        /// Whether the story stopped before a time that has to pass.
        let isWaiting: Bool
    }

    /// Adds the entries of a file that are not there yet.
    func seed(_ entries: [StoryFile.Entries]) async throws {
        let (now, today) = (house.clock.now(), house.today)
        for group in entries {
            let definition = try house.registers.require(group.register)
            for values in group.entries {
                let id: ID<RegisterMark> = house.ids.make()
                // Whose it is: the organisation of an account.
                var place: ID<OrganisationMark>?
                if let login = values["of"]?.string { place = try await actor(login).memberships.first?.organisation }
                let owner = place
                let act = RegisterAct(by: .system, reason: Bilingual("演示数据", "Demonstration data"), at: now, on: today)
                try await house.db.write { tx in
                    let entry = try RegisterStore.add(
                        definition, values, id: id, organisation: owner, act, tx)
                    for (period, figures) in values["figures"]?.object ?? [:] {
                        try RegisterStore.setFigures(entry, of: definition, period: period, figures, act, tx)
                    }
                    if let state = values["state"]?.string, definition.state(state) != nil,
                        definition.form.field("state") == nil
                    {
                        try RegisterStore.setState(entry, of: definition, state, act, tx)
                    }
                }
            }
        }
    }

    /// Plays a story.
    /// - Parameters:
    ///   - known: the cases of earlier stories, by story.
    ///   - moves: whether time may be moved on; otherwise the story stops where time has to pass.
    ///   - watching: looks at the case before each step of the story.
    /// - Throws: ``Surprise`` where something that must be refused is not, or the end is another.
    func play(
        _ story: Story, known: [String: CaseFile], moves: Bool,
        watching: (ID<CaseFile>, Story.Step) async throws -> Void = { _, _ in }
    ) async throws -> Outcome {
        let filings = Filings(house)
        let filer = try await actor(story.by)
        let file = try await begin(story, known: known, by: filer)
        let sections = try house.procedures.newest(story.procedure).form?.sections ?? []
        if story.continues == nil, !sections.isEmpty {
            // A case that the house opened may have answers already.
            let saved = try await house.db.read { tx in try CaseStore.answers(file.id, tx).revision }
            _ = try await filings.drafts.replace(file.id, answers: story.answers, expecting: saved, by: filer)
        }
        for field in story.files ?? [] {
            _ = try await filings.drafts.attach(
                file.id, field: field, name: "\(field).pdf", bytes: SamplePDF.bytes, by: filer)
        }
        for (index, step) in story.then.enumerated() {
            for refusal in (story.refused ?? []) where refusal.at == index { try await refuse(refusal, file.id, story) }
            try await watching(file.id, step)
            if let wait = step.wait {
                guard moves else { return Outcome(file: try await current(file.id), isWaiting: true) }
                try await pass(wait)
            } else if let login = step.by, let experts = step.panel {
                try await name(experts, of: file.id, by: login)
            } else if let login = step.by, let sheet = step.sheet {
                try await panels.fill(file.id, sheet, by: try await actor(login))
            } else if let action = step.do, let login = step.by {
                try await act(file.id, action, step.with ?? [:], try await actor(login), "\(story.id) \(index)")
            }
        }
        for refusal in (story.refused ?? []) where refusal.at == story.then.count {
            try await refuse(refusal, file.id, story)
        }
        let end = try await current(file.id)
        guard end.step == story.ends else {
            throw Surprise(description: "\(story.id) ends at \(end.step), not at \(story.ends)")
        }
        return Outcome(file: end, isWaiting: false)
    }

    private var panels: PanelActions {
        PanelActions(db: house.db, clock: house.clock, zone: house.city.zone, procedures: house.procedures)
    }

    private func name(_ experts: [String], of id: ID<CaseFile>, by login: String) async throws {
        var accounts: [ID<Account>] = []
        for expert in experts { accounts += [try await actor(expert).account].compactMap(\.self) }
        try await panels.name(accounts, of: id, by: try await actor(login))
    }

    /// The case of a story: filed, opened by the house, or begun by an earlier story.
    private func begin(_ story: Story, known: [String: CaseFile], by filer: Actor) async throws -> CaseFile {
        if let earlier = story.continues {
            guard let file = known[earlier] else { throw Surprise(description: "\(story.id): no story \(earlier)") }
            return file
        }
        let parent = story.parent.flatMap { known[$0] }
        if story.opened == true, let parent {
            let procedures = house.procedures
            let children = try await house.db.read { tx in try CaseStore.children(of: parent.id, tx) }
            let found = children.first { child in
                child.procedure == story.procedure && (try? procedures.step(of: child).isFinal) == false
            }
            guard let found else { throw Surprise(description: "\(story.id): the house opened no \(story.procedure)") }
            return found
        }
        let start = Filings.Start(entry: try await entry(story), parent: parent?.number ?? "")
        return try await Filings(house).start(story.procedure, start, by: filer)
    }

    private func current(_ id: ID<CaseFile>) async throws -> CaseFile {
        try await house.db.read { tx in try CaseStore.require(id, tx) }
    }

    private func actor(_ login: String) async throws -> Actor {
        let found = try await house.db.read { tx in
            try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
        }
        guard let found else { throw Surprise(description: "there is no account \(login)") }
        return found
    }

    private func entry(_ story: Story) async throws -> String {
        guard let name = story.entry else { return "" }
        let register = try house.procedures.newest(story.procedure).filing?.about ?? ""
        let found = try await house.db.read { tx in
            try RegisterStore.list(register, RegisterFilter(name: name), limit: 1, tx).first
        }
        guard let found else { throw Surprise(description: "\(story.id): \(register) has no \(name)") }
        return found.number
    }

    private func act(
        _ id: ID<CaseFile>, _ action: String, _ answers: JSONValue, _ actor: Actor, _ place: String
    ) async throws {
        let (procedures, now) = (house.procedures, house.clock.now())
        do {
            try await house.db.write { tx in
                try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
            }
            // As the house does by itself: what is public is signed before anybody goes on.
            try await house.record.tick()
        } catch let problem as any Problem {
            let fields = problem.fields.map { "\($0.field): \($0.message.zh)" }
            throw Surprise(
                description: "\(place) \(action): \(problem.message.zh) \(fields.joined(separator: "; "))")
        }
    }

    private func refuse(_ refusal: Story.Refusal, _ id: ID<CaseFile>, _ story: Story) async throws {
        let actor = try await actor(refusal.by)
        let (procedures, now) = (house.procedures, house.clock.now())
        do {
            try await house.db.write { tx in
                try procedures.act(
                    id, refusal.do, answers: refusal.with ?? [:], as: actor, at: now, in: tx)
            }
        } catch let problem as any Problem {
            let said =
                ([problem.code, problem.message.zh, problem.message.en]
                    + problem.fields.flatMap { [$0.code, $0.field, $0.message.zh, $0.message.en] })
            guard said.contains(where: { $0.contains(refusal.says) }) else {
                throw Surprise(description: "\(story.id): \(refusal.do) is refused with \(said), not \(refusal.says)")
            }
            return
        }
        throw Surprise(
            description: "\(story.id): \(refusal.do) by \(refusal.by) before step \(refusal.at) is not refused")
    }

    /// Moves the house's clock to the morning after a period, and lets it do its own work.
    private func pass(_ text: String) async throws {
        guard let period = Period(text) else { throw Surprise(description: "no period: \(text)") }
        let end = try period.end(after: house.today, house.city.calendar)
        services.clock.set(to: house.city.zone.start(of: end).adding(seconds: 33 * 3_600))
        await Jobs(services: services, mail: nil).tick()
    }
}

/// One page, for attachments of the demonstration.
enum SamplePDF {
    static let bytes = Array(
        """
        %PDF-1.4
        1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
        trailer<</Root 1 0 R>>
        %%EOF

        """.utf8)
}

extension DemonstrationCity {
    /// Fills the registers of all rooms and plays their stories up to the first time that has to pass.
    func tellStories() async throws {
        let teller = Storyteller(services)
        for (_, file) in try StoryFile.load(folder: services.house.city.storiesFolder) {
            try await teller.seed(file.registers ?? [])
            var known: [String: CaseFile] = [:]
            for story in file.stories ?? [] {
                // What hangs on a case that has not come so far yet is not told.
                if let parent = story.parent ?? story.continues, known[parent] == nil { continue }
                do {
                    let outcome = try await teller.play(story, known: known, moves: false)
                    if !outcome.isWaiting { known[story.id] = outcome.file }
                } catch is Storyteller.Surprise where !isUsual {
                    // The people of another seed are others: what is told of the usual ones may not fit them.
                    continue
                }
            }
        }
    }
}
