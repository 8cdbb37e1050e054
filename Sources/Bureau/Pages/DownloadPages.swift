import Kernel
import Portal
import Store

/// Links that somebody makes for themselves to fetch a file, or the package of a case, without signing in.
struct DownloadPages: Sendable {
    let house: House
    let sessions: Sessions
    /// For how long a link is good.
    let minutes: Int

    /// Who may have the package of a case.
    static let packagers: Set<Role> = [.officer, .leader, .auditor]

    var routes: [Route] {
        [
            Route(
                "documents.link", .get, "/documents/{id}/link", access: .signedIn,
                summary: Bilingual("附件的下载链接", "A link to download a file"),
                handler: { page(try await document($0).subject, nil, $0) }),
            Route(
                "documents.link.make", .post, "/documents/{id}/link", access: .signedIn,
                summary: Bilingual("生成附件的下载链接", "Make a link to download a file"),
                handler: { try await make(try await document($0), $0) }),
            Route(
                "cases.package.link", .get, "/cases/{id}/package/link", access: .roles(Self.packagers),
                summary: Bilingual("办件包的下载链接", "A link to download the package of a case"),
                handler: { page(try await package($0).subject, nil, $0) }),
            Route(
                "cases.package.link.make", .post, "/cases/{id}/package/link", access: .roles(Self.packagers),
                summary: Bilingual("生成办件包的下载链接", "Make a link to download the package of a case"),
                handler: { try await make(try await package($0), $0) }),
            Route(
                "downloads.use", .get, "/downloads/{link}", access: .everyone,
                summary: Bilingual("凭链接下载", "Download by a link"), hidesAddress: true, handler: use),
        ]
    }

    /// What a link is to give, once its reader was found to have it.
    private struct Wanted: Sendable {
        let target: DownloadLink.Target
        let hash: String
        let subject: Subject
        /// The kind of thing and its identity, as the record names it.
        let record: (kind: String, id: String)
    }

    /// What the page of a link says of it.
    private struct Subject: Sendable {
        let name: String
        /// Where the link is made.
        let address: SafeURL
        var trail: [Crumb] = []
    }

    private func document(_ visit: Visit) async throws -> Wanted {
        let id: ID<Document> = try visit.id("id")
        let (actor, procedures) = (visit.actor, house.procedures)
        let found = try await house.db.read { tx in try FileAccess.find(id, actor, procedures, tx) }
        guard !found.isSealed else { throw DownloadError.sensitive }
        return Wanted(
            target: .document(id), hash: found.hash,
            subject: Subject(name: found.name, address: "/documents/\(id.text)/link"),
            record: ("document", id.text))
    }

    private func package(_ visit: Visit) async throws -> Wanted {
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, procedures) = (visit.actor, house.procedures)
        let file = try await house.db.read { tx in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
            return file
        }
        return Wanted(
            target: .package(id), hash: "",
            subject: Subject(
                name: "\(file.number).zip", address: "/cases/\(id.text)/package/link",
                trail: [Crumb(Bilingual("办件", "Case"), "/cases/\(id)")]),
            record: ("case", id.text))
    }

    // MARK: Making one

    private func make(_ wanted: Wanted, _ visit: Visit) async throws -> Answer {
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let (actor, now) = (visit.actor, house.clock.now())
        let link = DownloadLink(wanted.target, for: account, until: now.adding(seconds: minutes * 60))
        let (kind, id) = wanted.record
        // Not an event of the case: whose case it is need not learn who reads its files.
        try await house.db.write { tx in
            try Record.append(
                Event(
                    room: "documents", kind: "link.made", subjectKind: kind, subject: id, actor: actor, at: now,
                    content: ["until": .integer(link.until.microseconds)]), tx)
        }
        return page(wanted.subject, (link: link, text: link.text(hash: wanted.hash, house.vault)), visit)
    }

    private func page(_ subject: Subject, _ made: (link: DownloadLink, text: String)?, _ visit: Visit) -> Answer {
        let t = visit.say
        let shown: HTML? = made.map { made in
            let until = house.city.zone.clockText(made.link.until)
            return Parts.notice(
                .good, t("下载链接，\(until) 前有效", "The link, good until \(until)"),
                """
                <p><code>\(house.site)/downloads/\(made.text)</code></p>\
                <p><a href="/downloads/\(made.text)" rel="noreferrer nofollow">\(t("现在下载", "Download now"))</a></p>
                """)
        }
        let body: HTML = """
            <h1>\(t("下载链接", "A link to download"))</h1><p class="lead">\(subject.name)</p>\(shown)\
            <p>\(t("链接在 \(minutes) 分钟内无须登录即可下载这一份文件，供下载工具使用。凡持有链接的人都能以您的名义下载，请勿转发；下载会记入日志。您的账号停用或不再有权查看时，链接随即失效。", "For \(counted(minutes, "minute")) the link gives this one file without signing in, to a program that downloads. Whoever has it downloads in your name: pass it on to nobody. Each use is logged. It is good no longer once your account is closed or you may not see the file any more."))</p>\
            \(Parts.post(subject.address, t("生成链接", "Make a link"), token: visit.csrfToken))
            """
        return .page(
            Page(title: Bilingual("下载链接", "A link to download"), trail: subject.trail, body: body))
    }

    // MARK: Using one

    private func use(_ visit: Visit) async throws -> Answer {
        let (link, signature) = try DownloadLink.read(visit.path("link"))
        let answer =
            switch link.target {
            case .document(let id): try await give(id, link, signature)
            case .package(let id): try await give(id, link, signature, visit)
            }
        return answer.onBehalf(of: link.account)
    }

    /// Whoever made the link, with what they may do now.
    private func maker(_ link: DownloadLink) async throws -> Actor {
        guard let actor = try await sessions.actor(of: link.account) else { throw DownloadError.revoked }
        return actor
    }

    private func give(_ id: ID<Document>, _ link: DownloadLink, _ signature: String) async throws -> Answer {
        let named = try await house.db.read { tx in try DocumentStore.find(id, tx) }
        guard let named else { throw DownloadError.altered }
        try link.check(signature, hash: named.hash, at: house.clock.now(), house.vault)
        let (actor, procedures) = (try await maker(link), house.procedures)
        let found = try await house.db.read { tx -> Document in
            do {
                return try FileAccess.find(id, actor, procedures, tx)
            } catch DocumentError.missing {
                throw DownloadError.revoked
            }
        }
        guard !found.isSealed else { throw DownloadError.sensitive }
        let files = house.files
        try await Blocking.run { try files.check(found.hash) }
        return .file(at: files.path(of: found.hash), type: found.type, name: found.name)
    }

    private func give(
        _ id: ID<CaseFile>, _ link: DownloadLink, _ signature: String, _ visit: Visit
    ) async throws -> Answer {
        try link.check(signature, hash: "", at: house.clock.now(), house.vault)
        let actor = try await maker(link)
        guard !actor.roles.isDisjoint(with: Self.packagers) else { throw DownloadError.revoked }
        do {
            return try await CasePages.package(of: id, for: actor, house, named: visit.requestID)
        } catch ProcedureError.unknownCase {
            throw DownloadError.revoked
        }
    }
}
