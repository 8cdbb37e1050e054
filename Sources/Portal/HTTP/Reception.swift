import HTTPTypes
import Hummingbird
import Kernel
import Logging
import Store

/// The way of a request: who is it, where does it want to go, may it, what does it bring, who answers.
struct Reception: Sendable {
    let table: RouteTable
    let doorkeeper: Doorkeeper
    let settings: WebSettings
    let assets: Assets
    let clock: any Kernel.Clock
    let ids: any IDSource
    let seal: FormSeal
    let idempotency: IdempotencyKeys?
    let renderer: Renderer
    let traffic: Traffic
    let admission: Admission
    let logger: Logger

    /// Answers any request; never fails.
    func respond(to request: Request, peer: String) async -> Response {
        let began = ContinuousClock.now
        traffic.begin()
        var exchange = Exchange(request, id: ids.next(), now: clock.now(), peer: peer, settings: settings)
        let spool = Spool(folder: settings.spoolFolder)
        let (response, statements) = await QueryCounter.counting {
            do {
                let answer = try await answer(&exchange, spool)
                exchange.account = answer.account
                return try await renderer.response(answer, exchange)
            } catch {
                return await failure(error, exchange)
            }
        }
        await spool.discard()
        let took = ContinuousClock.now - began
        traffic.end(
            route: exchange.route?.id ?? "-", status: response.status.code, seconds: took / .seconds(1),
            statements: statements)
        log(exchange, response.status.code, took, statements)
        return response
    }

    private func answer(_ exchange: inout Exchange, _ spool: Spool) async throws -> Answer {
        guard let target = exchange.target else { throw RequestProblem.badAddress }
        if exchange.method == .get, let asset = assets.answer(target.path, any: target.rawQuery == "any-version") {
            return asset
        }
        switch table.match(exchange.method, target.segments) {
        case .nothing: throw RequestProblem.nothingHere
        case .wrongMethod(let allowed):
            let names = Reception.names(allowed)
            guard exchange.request.method == .options else { throw RequestProblem.wrongMethod(allowed: names) }
            return .options(names)
        case .found(let route, let values):
            exchange.route = route
            if target.trailingSlash {
                guard route.isReading else { throw RequestProblem.nothingHere }
                return .redirect(Reception.withoutSlash(target))
            }
            return try await attend(&exchange, route, values, spool)
        }
    }

    /// Lets the request in when its turn has come: once to learn who comes, and again to do what was sent.
    private func attend(
        _ exchange: inout Exchange, _ route: Route, _ values: [String: String], _ spool: Spool
    ) async throws -> Answer {
        if route.isWatching {
            try await identify(&exchange, route)
            return try await act(route, visit(exchange, route, values, .init()))
        }
        let claimed = Admission.Urgency(route, signedIn: exchange.claimsAccount)
        try await admission.enter(claimed)
        do {
            try await identify(&exchange, route)
        } catch {
            admission.leave(claimed)
            throw error
        }
        // A cookie that belongs to nobody gives no precedence.
        let proven = Admission.Urgency(route, signedIn: exchange.actor.account != nil)
        if route.isReading, proven == claimed {
            defer { admission.leave(claimed) }
            return try await act(route, visit(exchange, route, values, .init()))
        }
        admission.leave(claimed)
        // A body comes as slowly as its sender likes, which is no work of the house.
        let received = route.isReading ? .init() : try await receive(exchange, route, spool)
        try await admission.enter(proven)
        defer { admission.leave(proven) }
        return try await act(route, visit(exchange, route, values, received))
    }

    /// The methods as `Allow` lists them.
    static func names(_ allowed: Set<Route.Method>) -> [String] {
        var names = allowed.map(\.rawValue)
        if allowed.contains(.get) { names.append("HEAD") }
        return (names + ["OPTIONS"]).sorted()
    }

    private static func withoutSlash(_ target: RequestTarget) -> String {
        let path = String(target.path.utf8.dropLast()) ?? "/"
        return target.rawQuery.isEmpty ? path : "\(path)?\(target.rawQuery)"
    }

    /// Loads who comes, and counts the knock.
    private func identify(_ exchange: inout Exchange, _ route: Route) async throws {
        if route.isAPI, let token = Reception.bearerToken(exchange.request.headers[.authorization]) {
            guard let bearer = try await doorkeeper.bearer(token, exchange.now) else {
                throw RequestProblem.signInNeeded
            }
            exchange.bearer = bearer
            exchange.actor = bearer.actor
        } else if let token = exchange.cookies[CookieJar.session] {
            if let actor = try await doorkeeper.actorForSession(token, exchange.now) {
                exchange.actor = actor
                exchange.session = token
                exchange.csrfToken = seal.token(for: token)
            } else {
                exchange.newCookies.append(SetCookie(name: CookieJar.session, value: "", maxAge: 0))
            }
        }
        if exchange.session == nil, exchange.bearer == nil { try greet(&exchange, route) }
        if let asked = exchange.asked, exchange.cookies[CookieJar.language] != asked.rawValue {
            exchange.newCookies.append(
                SetCookie(name: CookieJar.language, value: asked.rawValue, maxAge: 365 * 86_400))
        }
        try await doorkeeper.admit(
            Doorkeeper.Knock(
                route: route.id, method: route.method, address: exchange.client, account: exchange.actor.account,
                now: exchange.now))
        guard route.access.allows(exchange.actor) else {
            throw exchange.actor.account == nil ? RequestProblem.signInNeeded : RequestProblem.notAllowed
        }
        if let scope = route.api?.scope, let bearer = exchange.bearer, !bearer.reaches(scope) {
            throw RequestProblem.scopeMissing(scope)
        }
    }

    /// Gives a browser without a session a cookie to bind forms to, where the route has forms.
    private func greet(_ exchange: inout Exchange, _ route: Route) throws {
        if let visitor = exchange.cookies[CookieJar.visitor] {
            exchange.visitor = visitor
        } else if route.access == .session, route.isReading {
            let visitor = Digest.hex(try Secret.bytes(16))
            exchange.visitor = visitor
            exchange.newCookies.append(SetCookie(name: CookieJar.visitor, value: visitor, maxAge: nil))
        }
        if let visitor = exchange.visitor { exchange.csrfToken = seal.token(for: visitor) }
    }

    static func bearerToken(_ header: String?) -> String? {
        guard let header, HeaderText.lowercased(String(header.prefix(7))) == "bearer " else { return nil }
        let token = HeaderText.trimmed(String(header.dropFirst(7)))
        return token.isEmpty ? nil : token
    }

    private func receive(
        _ exchange: Exchange, _ route: Route, _ spool: Spool
    ) async throws -> BodyReader.Received {
        // A script of a foreign page is refused before its body is read.
        if exchange.request.headers[.fetchSite] == "cross-site", exchange.bearer == nil {
            throw RequestProblem.foreignForm
        }
        let reader = BodyReader(
            limits: route.limits, takesJSON: route.isAPI, deadline: .now + .seconds(settings.bodySeconds), spool: spool)
        let received = try await reader.read(exchange.request)
        try checkForm(exchange, received.form)
        return received
    }

    private func act(_ route: Route, _ visit: Visit) async throws -> Answer {
        if route.isReading {
            return try await Database.$writesForbidden.withValue(true) { try await route.handler(visit) }
        }
        guard let idempotency, let key = visit.idempotencyKey, route.isAPI, let account = visit.actor.account else {
            return try await route.handler(visit)
        }
        return try await once(visit, route, key, account, idempotency)
    }

    /// A request that acts by a cookie must prove that its form was made for this browser; a token proves itself, and
    /// an API call without either acts for nobody.
    private func checkForm(_ exchange: Exchange, _ form: FormBody) throws(RequestProblem) {
        guard exchange.bearer == nil else { return }
        guard let cookie = exchange.session ?? exchange.visitor else {
            if exchange.route?.isAPI == true { return }
            throw .foreignForm
        }
        let token = form[FormSeal.field] ?? exchange.request.headers[.formToken] ?? ""
        guard seal.accepts(token, for: cookie) else { throw .foreignForm }
    }

    private func visit(
        _ exchange: Exchange, _ route: Route, _ values: [String: String], _ received: BodyReader.Received
    ) -> Visit {
        let headers = exchange.request.headers
        let form = FormBody(
            fields: received.form.fields.filter { $0.name != FormSeal.field }, files: received.form.files)
        return Visit(
            actor: exchange.actor, session: exchange.session, errand: exchange.cookies[CookieJar.errand],
            language: exchange.language, method: route.method, route: route.id, address: exchange.path,
            client: exchange.client,
            agent: headers[.userAgent] ?? "", isOperator: exchange.isOperator, values: values,
            query: exchange.target?.query ?? [], form: form, body: received.bytes, now: exchange.now,
            csrfToken: exchange.csrfToken, requestID: exchange.id,
            ifMatch: headers[.ifMatch].map(Reception.entityTag), idempotencyKey: headers[.idempotencyKey], table: table)
    }

    /// `"7"` and `W/"7"` without their decoration.
    private static func entityTag(_ header: String) -> String {
        var text = HeaderText.trimmed(header).utf8[...]
        if text.starts(with: "W/".utf8) { text = text.dropFirst(2) }
        if text.count >= 2, text.first == 0x22, text.last == 0x22 { text = text.dropFirst().dropLast() }
        return String(Substring(text))
    }
}

extension Reception {
    /// Runs a named attempt at most once.
    private func once(
        _ visit: Visit, _ route: Route, _ key: String, _ account: ID<Account>, _ keys: IdempotencyKeys
    ) async throws -> Answer {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw IdempotencyProblem.badKey
        }
        let content = Array("\(visit.method.rawValue) \(visit.address)\n".utf8) + visit.body
        let attempt = IdempotencyKeys.Attempt(
            account: account, key: key, route: route.id, digest: Digest.hex(Digest.sha256(content)), now: visit.now)
        switch try await keys.claim(attempt) {
        case .different: throw IdempotencyProblem.different
        case .running: throw IdempotencyProblem.running
        case .answerLost: throw IdempotencyProblem.answerLost
        case .answered(let kept): return Answer(kept)
        case .fresh: break
        }
        let answer: Answer
        let kept: IdempotencyKeys.Kept?
        do {
            let note = Database.Alongside { tx in try keys.note(attempt, tx) }
            answer = try await Database.$alongside.withValue(note) { try await route.handler(visit) }
            kept = try answer.kept()
        } catch {
            // What failed while the database was away may have been kept all the same.
            try? await keys.release(attempt, !(error is StoreError))
            throw error
        }
        // It is done and is answered, even where the answer cannot be kept.
        if let kept { try? await keys.keep(attempt, kept) } else { try? await keys.release(attempt, true) }
        return answer
    }

    /// Turns an error into an answer; if that fails as well, into the barest text.
    private func failure(_ error: any Error, _ exchange: Exchange) async -> Response {
        let entry = ErrorTable.entry(for: error, incident: exchange.id)
        if entry.isFault {
            logger.error(
                "fault",
                metadata: [
                    "request": "\(exchange.id)", "route": "\(exchange.route?.id ?? "-")",
                    "error": "\(String(reflecting: error))",
                ])
        }
        if case RequestProblem.signInNeeded = error, let path = signInRedirect(exchange),
            let response = try? await renderer.response(.redirect(path), exchange)
        {
            return response
        }
        var answer = renderer.problem(entry.problem, exchange)
        if case RequestProblem.wrongMethod(let allowed) = error { answer.allow = allowed }
        do {
            return try await renderer.response(answer, exchange)
        } catch {
            logger.error("fault in the error page", metadata: ["request": "\(exchange.id)", "error": "\(error)"])
            return Response(status: .internalServerError)
        }
    }

    /// A page that needs signing in leads there and back; a form that was sent says so instead, to lose nothing.
    private func signInRedirect(_ exchange: Exchange) -> String? {
        guard !exchange.speaksJSON, exchange.method == .get, let target = exchange.target else { return nil }
        let wanted = target.rawQuery.isEmpty ? target.path : "\(target.path)?\(target.rawQuery)"
        return "\(settings.signInPath)?return=\(Percent.encode(wanted, keeping: "/"))"
    }

    private func log(_ exchange: Exchange, _ status: Int, _ duration: Duration, _ statements: Int) {
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        // The query and the headers may hold secrets and are never written.
        logger.info(
            "request",
            metadata: [
                "request": "\(exchange.id)", "method": "\(exchange.request.method.rawValue)",
                "route": "\(exchange.route?.id ?? "-")",
                "path": "\(exchange.route?.path ?? String(exchange.path.prefix(200)))", "status": "\(status)",
                "microseconds": "\(microseconds)", "statements": "\(statements)",
                "account": "\((exchange.account ?? exchange.actor.account)?.text ?? "-")",
                "client": "\(exchange.client)",
            ])
    }
}
