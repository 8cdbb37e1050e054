package import Kernel

@testable import Bureau
@testable package import Portal

/// There is no route of this name.
struct NoRoute: Error {
    let name: String
}

extension TestHouse {
    /// What the house answers to somebody at a route.
    /// - Throws: ``NoRoute``, and what the route itself throws.
    package func visit(
        _ route: String, _ actor: Actor, values: [String: String] = [:], query: [(String, String)] = [],
        form: [(String, String)] = [], language: Language = .english
    ) async throws -> Answer {
        guard let found = try services.routeTable().route(route) else { throw NoRoute(name: route) }
        func fields(_ pairs: [(String, String)]) -> [FormBody.Field] {
            pairs.map { FormBody.Field(name: $0.0, value: $0.1) }
        }
        return try await found.handler(
            Visit(
                actor: actor, language: language, method: found.method, route: route, address: found.path,
                values: values, query: fields(query), form: FormBody(fields: fields(form)), now: house.clock.now(),
                csrfToken: "token"))
    }

    /// What is found on the pages of a list, from one to the next by the links of the pages themselves.
    /// - Parameter query: of the first page.
    package func walk(
        _ route: String, _ actor: Actor, _ query: String = "", find: (String) -> [String]
    ) async throws -> [String] {
        var seen: [String] = []
        var next: String? = query
        while let here = next {
            let fields = try Percent.fields(Array(here.utf8), limit: 10).map { ($0.name, $0.value) }
            let html = text(try await visit(route, actor, query: fields))
            seen += find(html)
            next = html.firstMatch(of: /href="[^"?]*\?([^"]*)" rel="next"/).map {
                String($0.1).replacing("&amp;", with: "&")
            }
        }
        return seen
    }
}

/// The page of an answer as HTML, empty where it is none.
package func text(_ answer: Answer) -> String {
    if case .page(let page) = answer.content { page.body.string } else { "" }
}
