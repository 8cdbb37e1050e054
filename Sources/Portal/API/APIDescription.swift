public import Kernel

/// What the API document says about a route; path values, problems and security are derived.
public struct APIDescription: Sendable {
    /// A query field.
    public struct Parameter: Sendable {
        public let name: String
        public let meaning: Bilingual
        public let schema: Schema
        public let required: Bool

        public init(_ name: String, _ meaning: Bilingual, schema: Schema = .text(), required: Bool = false) {
            self.name = name
            self.meaning = meaning
            self.schema = schema
            self.required = required
        }

        /// The fields of a list that is read page by page; see ``Paging``.
        public static let paging: [Parameter] = [
            Parameter(
                "limit", Bilingual("每页条数", "Items a page"),
                schema: .integer(minimum: 1, maximum: Int64(Paging.maximum))),
            Parameter("after", Bilingual("上一页给出的游标", "The cursor given by the page before")),
        ]
    }

    /// The group in the document, e.g. `calls`.
    public let tag: String
    /// What a token must carry, e.g. `calls:read`; nil asks for no scope.
    public let scope: String?
    public let query: [Parameter]
    /// The JSON that the route takes.
    public let body: Schema?
    /// The JSON that it answers; nil where it answers nothing (204).
    public let answer: Schema?
    /// The status of success.
    public let status: Int
    /// The media type of success, without parameters: JSON, or that of a file.
    public let media: String

    public init(
        tag: String, scope: String? = nil, query: [Parameter] = [], body: Schema? = nil, answer: Schema?,
        status: Int? = nil
    ) {
        self.tag = tag
        self.scope = scope
        self.query = query
        self.body = body
        self.answer = answer
        self.status = status ?? (answer == nil ? 204 : 200)
        media = "application/json"
    }

    /// Of a route that answers a file, e.g. `text/csv`.
    public init(tag: String, scope: String? = nil, query: [Parameter] = [], file media: String) {
        self.tag = tag
        self.scope = scope
        self.query = query
        body = nil
        answer = .any
        status = 200
        self.media = media
    }
}

/// A JSON schema (2020-12) for the API document.
public struct Schema: Sendable, Hashable {
    /// The schema itself; a named one is a reference.
    public let json: JSONValue
    /// The named schemas that it refers to.
    public let named: [String: JSONValue]

    private init(_ json: JSONValue, named: [String: JSONValue] = [:]) {
        self.json = json
        self.named = named
    }

    /// A text, e.g. of format `date` or `uuid`.
    public static func text(format: String? = nil, maxLength: Int64? = nil) -> Schema {
        var members: [String: JSONValue] = ["type": "string"]
        if let format { members["format"] = .string(format) }
        if let maxLength { members["maxLength"] = .integer(maxLength) }
        return Schema(.object(members))
    }

    /// One of some texts.
    public static func oneOf(_ values: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(values.map { .string($0) })])
    }

    /// A whole number; money is in fen, moments in microseconds.
    public static func integer(minimum: Int64? = nil, maximum: Int64? = nil) -> Schema {
        var members: [String: JSONValue] = ["type": "integer", "format": "int64"]
        if let minimum { members["minimum"] = .integer(minimum) }
        if let maximum { members["maximum"] = .integer(maximum) }
        return Schema(.object(members))
    }

    /// True or false.
    public static let boolean = Schema(["type": "boolean"])

    /// Any JSON.
    public static let any = Schema([:])

    /// A list.
    public static func array(_ element: Schema) -> Schema {
        Schema(["type": "array", "items": element.json], named: element.named)
    }

    /// An object; members are required unless they are listed as optional.
    public static func object(_ members: KeyValuePairs<String, Schema>, optional: Set<String> = []) -> Schema {
        var properties: [String: JSONValue] = [:]
        var named: [String: JSONValue] = [:]
        for (name, schema) in members {
            properties[name] = schema.json
            named.merge(schema.named) { first, _ in first }
        }
        let required = members.map(\.key).filter { !optional.contains($0) }
        var json: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { json["required"] = .array(required.map { .string($0) }) }
        return Schema(.object(json), named: named)
    }

    /// The schema under a name, written once in the document.
    public static func named(_ name: String, _ schema: Schema) -> Schema {
        var named = schema.named
        named[name] = schema.json
        return Schema(["$ref": .string("#/components/schemas/\(name)")], named: named)
    }

    /// A page of a list; see ``Listing``.
    public static func listing(_ element: Schema) -> Schema {
        .object(["items": .array(element), "next": .text()], optional: ["next"])
    }

    /// Both languages of a text.
    public static let bilingual = Schema.named("Bilingual", .object(["zh": .text(), "en": .text()]))
    /// Problem details as every error answers (RFC 9457).
    public static let problem = Schema.named(
        "Problem",
        .object(
            [
                "type": .text(format: "uri-reference"), "title": .text(), "status": .integer(), "detail": .text(),
                "instance": .text(format: "uri-reference"), "code": .text(),
                "fields": .array(
                    .object(
                        ["field": .text(), "code": .text(), "message": .text(), "basis": .text()],
                        optional: ["basis"])),
                "translations": .object(["zh": .any, "en": .any]),
            ], optional: ["fields"]))
}
