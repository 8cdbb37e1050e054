public import Kernel

/// The OpenAPI 3.1 document, made from the routes themselves.
public enum OpenAPI {
    /// The route that serves the document about itself and the other routes, in the language asked for.
    public static func route(title: Bilingual, version: String, describing routes: [Route]) -> Route {
        let id = "api.description"
        let path = "/api/v1/openapi.json"
        let summary = Bilingual("接口说明（OpenAPI 3.1）", "The description of this API (OpenAPI 3.1)")
        let description = APIDescription(tag: "api", answer: .any)
        let itself = Route(id, .get, path, access: .everyone, summary: summary, api: description) { _ in .noContent }
        let all = routes.filter(\.isAPI) + [itself]
        return Route(id, .get, path, access: .everyone, summary: summary, api: description) { visit in
            .json(document(title: title, version: version, routes: all, visit.language)).cached(seconds: 300)
        }
    }

    /// The document as JSON.
    static func document(title: Bilingual, version: String, routes: [Route], _ language: Language) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        var schemas = Schema.problem.named
        var tags: Set<String> = []
        for route in routes {
            guard let api = route.api else { continue }
            tags.insert(api.tag)
            paths[route.path, default: [:]][HeaderText.lowercased(route.method.rawValue)] =
                operation(route, api, language)
            for schema in [api.body, api.answer].compactMap({ $0 }) + api.query.map(\.schema) {
                schemas.merge(schema.named) { first, _ in first }
            }
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(title[language]), "version": .string(version)],
            "paths": .object(paths.mapValues { .object($0) }),
            "tags": .array(tags.sorted().map { ["name": .string($0)] }),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer"],
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(CookieJar.session)],
                ],
            ],
        ]
    }

    private static func operation(_ route: Route, _ api: APIDescription, _ language: Language) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .string(route.id),
            "summary": .string(route.summary[language]),
            "tags": [.string(api.tag)],
            "responses": responses(api, language),
        ]
        let parameters = self.parameters(route, api, language)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = api.body {
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": body.json]],
            ]
        }
        if route.access != .everyone, route.access != .session {
            // Scopes of a bearer token are told in words: only OAuth schemes may list them.
            operation["security"] = [["token": []], ["session": []]]
            if let scope = api.scope {
                operation["description"] = .string(
                    Bilingual("访问令牌须有权限 \(scope)。", "A token needs the scope \(scope).")[language])
            }
        }
        return .object(operation)
    }

    private static func parameters(_ route: Route, _ api: APIDescription, _ language: Language) -> [JSONValue] {
        var parameters: [JSONValue] = (PathTemplate(route.path)?.names ?? []).map { name in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        parameters += api.query.map { parameter in
            [
                "name": .string(parameter.name), "in": "query", "required": .bool(parameter.required),
                "description": .string(parameter.meaning[language]), "schema": parameter.schema.json,
            ]
        }
        if route.method == .post {
            parameters.append(
                header(
                    "Idempotency-Key",
                    Bilingual("本次提交的唯一标识，重发不会重复办理", "Names this attempt, so that sending again does nothing twice"),
                    language))
        }
        if route.method == .put || route.method == .patch {
            parameters.append(
                header("If-Match", Bilingual("所修改的版本", "The version that is changed"), language))
        }
        return parameters
    }

    private static func header(_ name: String, _ meaning: Bilingual, _ language: Language) -> JSONValue {
        [
            "name": .string(name), "in": "header", "required": false, "description": .string(meaning[language]),
            "schema": ["type": "string"],
        ]
    }

    private static func responses(_ api: APIDescription, _ language: Language) -> JSONValue {
        var success: [String: JSONValue] = ["description": .string(Bilingual("成功", "Success")[language])]
        if let answer = api.answer {
            success["content"] = [api.media: ["schema": answer.json]]
        }
        return [
            String(api.status): .object(success),
            "default": [
                "description": .string(Bilingual("问题说明（RFC 9457）", "Problem details (RFC 9457)")[language]),
                "content": ["application/problem+json": ["schema": Schema.problem.json]],
            ],
        ]
    }
}
