public import Kernel
import Store

/// What applicants do with a filing before it is submitted.
public struct FilingActions: Sendable {
    let house: House
    /// Saving, attaching and taking off, as all rooms do it.
    public let drafts: Drafts

    public init(_ house: House) {
        self.house = house
        let (city, procedures) = (house.city, house.procedures)
        let numbers: @Sendable () -> PermitNumbers = { PermitNumbers(city.rules, on: house.today) }
        drafts = Drafts(
            db: house.db, clock: house.clock, ids: house.ids, files: house.files, vault: house.vault,
            form: { id, answers, actor, tx in
                let filing = try FilingActions.draftable(id, actor, tx)
                return FilingForm(city: city).form(
                    filing.kind, try procedures.definition(of: CaseStore.require(id, tx)), answers)
            },
            saved: FilingActions.note,
            inspect: { field, type, bytes in
                guard field.accepts == ["image/jpeg"] else { return }
                if let problem = try Photo.problem(bytes, type: type, field: field.name, numbers()) {
                    throw ProcedureError.refused([problem])
                }
            })
    }

    /// Starts a draft.
    /// - Parameters:
    ///   - permit: which permit it is about, where its kind needs one.
    ///   - parent: the refused case, for an appeal.
    /// - Returns: the new filing, or the actor's draft of the same thing where there is one.
    /// - Throws: ``PermitError``.
    public func start(
        _ kind: FilingKind, organisation: ID<OrganisationMark>, permit: ID<Permit>? = nil,
        parent: ID<CaseFile>? = nil, by actor: Actor
    ) async throws -> Filing {
        let (now, day) = (house.clock.now(), house.today)
        let id: ID<CaseFile> = house.ids.make()
        let procedures = house.procedures
        let division = house.city.permitsDivision
        return try await house.db.write { tx in
            guard let account = actor.account else { throw PermitError.notAMember }
            let subject = try permit.map { try PermitStore.require($0, tx) }
            try FilingActions.allow(kind, organisation, subject, parent, actor, tx)
            if let running = try FilingActions.running(kind, organisation, permit, parent, tx) {
                guard running.step == "draft", running.applicant == account else {
                    throw PermitError.alreadyRunning(running.number)
                }
                return running
            }
            let person = try subject.flatMap { try ForeignerStore.find($0.foreigner, tx) }
            let year = day.parts.year
            let serial = try NumberSeries.next("\(kind.rawValue).\(year)", tx)
            let filing = Filing(
                caseID: id, number: "\(kind.prefix)-\(year)-\(padded(serial, 5))", kind: kind,
                organisation: organisation, applicant: account, permit: subject, parent: parent,
                name: person?.name ?? "")
            let title = try procedures.newest(kind.rawValue).title
            let file = CaseFile(
                id: id, procedure: kind.rawValue, number: filing.number,
                title: FilingActions.title(title, filing.name), organisation: organisation, applicant: account,
                division: division, parent: parent, openedAt: now)
            try procedures.open(file, as: actor, at: now, in: tx)
            try FilingStore.save(filing, tx)
            if let subject, let known = FilingActions.known(kind, subject) {
                try CaseStore.saveAnswers(known, of: id, expecting: 0, by: actor, at: now, tx)
            }
            return filing
        }
    }

    /// Who may begin what.
    private static func allow(
        _ kind: FilingKind, _ organisation: ID<OrganisationMark>, _ permit: Permit?, _ parent: ID<CaseFile>?,
        _ actor: Actor, _ tx: Tx
    ) throws {
        let isMember = actor.belongs(to: organisation, as: [.administrator, .sealHolder, .handler])
        let holder = try permit.flatMap { try ForeignerStore.find($0.foreigner, tx)?.account }
        // The foreigner may ask for the cancellation of the own permit.
        let isOwn = kind == .cancellation && holder != nil && holder == actor.account
        guard isMember || isOwn else { throw PermitError.notAMember }
        if kind.needsEmployer, !isOwn {
            guard try EmployerStore.find(organisation, tx)?.state == .active else { throw PermitError.notAnEmployer }
        }
        if kind.needsPermit {
            guard let permit else { throw PermitError.permitNeeded }
            guard permit.organisation == organisation else { throw PermitError.unknown }
        }
        if kind == .appeal {
            guard let refused = try parent.flatMap({ try FilingStore.find($0, tx) }),
                refused.organisation == organisation, refused.step == "refused"
            else { throw PermitError.nothingToAppeal }
        }
    }

    /// A filing of the same kind about the same thing that is not over.
    private static func running(
        _ kind: FilingKind, _ organisation: ID<OrganisationMark>, _ permit: ID<Permit>?, _ parent: ID<CaseFile>?,
        _ tx: Tx
    ) throws -> Filing? {
        let about: SQL
        if let permit {
            about = "permit = \(permit)"
        } else if let parent {
            about = "parent = \(parent)"
        } else if kind == .employer {
            about = "organisation = \(organisation)"
        } else {
            return nil
        }
        return try tx.first(
            """
            SELECT * FROM permit_filing WHERE \(about) AND organisation = \(organisation) AND procedure = \(kind)
                AND outcome IS NULL ORDER BY case_id DESC LIMIT 1
            """, Filing.init(row:))
    }

    /// What the permit says already is not asked again.
    private static func known(_ kind: FilingKind, _ permit: Permit) -> JSONValue? {
        guard kind == .extension else { return nil }
        return [
            "contract-from": .string(permit.endsOn.adding(days: 1).description), "post": .string(permit.post),
            "category": .string(permit.category.rawValue), "route": .string(permit.route),
            "annual-salary": .integer(permit.salary.fen),
        ]
    }

    static func title(_ procedure: Bilingual, _ name: String) -> Bilingual {
        name.isEmpty ? procedure : Bilingual("\(procedure.zh)：\(name)", "\(procedure.en): \(name)")
    }

    /// The filing, if the actor may change it now.
    private static func draftable(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Filing {
        let filing = try FilingStore.require(id, tx)
        guard filing.applicant == actor.account else { throw PermitError.unknown }
        guard ["draft", "correction"].contains(filing.step) else { throw ProcedureError.notYours }
        return filing
    }

    /// Keeps name and category for lists.
    private static func note(_ id: ID<CaseFile>, _ answers: JSONValue, _ tx: Tx) throws {
        var filing = try FilingStore.require(id, tx)
        filing.category = answers["category"]?.string ?? ""
        if filing.kind.namesPerson { filing.name = answers["name"]?.string ?? "" }
        try FilingStore.save(filing, tx)
        let file = try CaseStore.require(id, tx)
        let plain = Bilingual(
            file.title.zh.split(separator: "：").first.map(String.init) ?? file.title.zh,
            file.title.en.split(separator: ":").first.map(String.init) ?? file.title.en)
        try CaseStore.setTitle(title(plain, filing.name), of: id, tx)
    }
}
