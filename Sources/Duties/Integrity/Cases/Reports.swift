import Kernel
import Store

/// Keeps that somebody reported somebody, so that neither judges the other's work. Who wrote a tip is a secret: what is
/// kept is a protected fact between the two, of which reviews learn no more than that it stands there.
enum Reports {
    private static let carriedOver = "integrity.reports"
    private static let tip = "integrity.tip"

    /// What a tip says itself: the organisation, where its code is on file.
    static func reported(_ context: ActionContext, _ tx: Tx) throws {
        let places = try named(CaseValues.all(of: context.file.id, tx), tx)
        try keep(context.file, about: places, of: context.file, through: context.day, context.procedures, tx)
    }

    /// Whom an investigation that came of a tip is about, once the registry knows them.
    static func subjectKnown(_ context: ActionContext, _ tx: Tx) throws {
        guard let known = try report(of: context.file, tx) else { return }
        let subjects = try investigated(context.file, tx)
        try keep(known, about: subjects, of: context.file, through: context.day, context.procedures, tx)
    }

    /// The tip that an investigation came of.
    private static func report(of file: CaseFile, _ tx: Tx) throws -> CaseFile? {
        guard let parent = try file.parent.flatMap({ try CaseStore.find($0, tx) }), parent.procedure == tip else {
            return nil
        }
        return parent
    }

    private static func named(_ values: JSONValue, _ tx: Tx) throws -> [String] {
        guard let code = values["subject-uscc"]?.string, let place = try Registry.organisation(uscc: code, tx) else {
            return []
        }
        return [place.id.text]
    }

    private static func investigated(_ file: CaseFile, _ tx: Tx) throws -> [String] {
        guard let subject = try Subject.of(CaseValues.all(of: file.id, tx), tx) else { return [] }
        return [subject.person?.text, subject.organisation?.text].compactMap(\.self)
    }

    private static func keep(
        _ report: CaseFile, about subjects: [String], of source: CaseFile, through day: Day, _ procedures: Procedures,
        _ tx: Tx
    ) throws {
        guard let account = report.applicant else { return }
        let author = try Dealings.party(account, tx)
        let from = min(procedures.zone.day(of: report.openedAt), day)
        try Dealings.set(
            subjects.map { Dealing(.protected, author, $0, from: from, to: day) }, of: source.id.text, tx)
    }

    /// Keeps what was reported before dealings were kept; once.
    static func carryOver(_ house: House) async throws {
        guard try await house.db.read({ tx in try Settings.get(carriedOver, tx) }) == nil else { return }
        let (procedures, zone) = (house.procedures, house.city.zone)
        try await house.db.write { tx in
            let files = try tx.rows(
                """
                SELECT * FROM case_file WHERE procedure IN (\(tip), 'integrity.case')
                    AND step NOT IN ('draft', 'withdrawn', 'not-opened') ORDER BY id
                """, CaseFile.init(stored:))
            for file in files {
                let day = zone.day(of: file.openedAt)
                if file.procedure == tip {
                    let places = try named(CaseValues.all(of: file.id, tx), tx)
                    try keep(file, about: places, of: file, through: day, procedures, tx)
                } else if let known = try report(of: file, tx) {
                    try keep(known, about: try investigated(file, tx), of: file, through: day, procedures, tx)
                }
            }
            try Settings.set(carriedOver, "1", tx)
        }
    }
}
