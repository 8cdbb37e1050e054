public import Kernel

/// All routes of the house, checked when it starts and searched by path segment.
public struct RouteTable: Sendable {
    /// The routes in the order given.
    public let routes: [Route]
    private let root: Node

    /// - Throws: ``RouteTableProblem`` with everything that is wrong with the table.
    public init(_ routes: [Route]) throws(RouteTableProblem) {
        var faults: [String] = []
        var root = Node()
        var ids: Set<String> = []
        for route in routes {
            if !ids.insert(route.id).inserted { faults.append("\(route.id): the id is given twice") }
            faults += RouteTable.faults(of: route)
            guard let template = PathTemplate(route.path) else {
                faults.append("\(route.id): the path \(route.path) is not a template")
                continue
            }
            if !root.insert(route, template.segments[...]) {
                faults.append("\(route.id): \(route.method.rawValue) \(route.path) is answered by another route")
            }
        }
        guard faults.isEmpty else { throw RouteTableProblem(faults: faults) }
        self.routes = routes
        self.root = root
    }

    /// The route with this id.
    public func route(_ id: String) -> Route? { routes.first { $0.id == id } }

    /// Whether there is a page at an address and its route lets the actor in. Lists of links ask this, so that nobody
    /// is led to a closed door; a page may still refuse because of what it is about.
    public func opens(_ address: String, for actor: Actor) -> Bool {
        guard let target = try? RequestTarget(address), case .found(let route, _) = match(.get, target.segments)
        else { return false }
        return route.access.allows(actor)
    }

    enum Match {
        case found(Route, values: [String: String])
        case wrongMethod(allowed: Set<Route.Method>)
        case nothing
    }

    func match(_ method: Route.Method?, _ segments: [String]) -> Match {
        var allowed: Set<Route.Method> = []
        if let route = root.find(method, segments[...], &allowed), let template = PathTemplate(route.path) {
            return .found(route, values: template.values(in: segments))
        }
        return allowed.isEmpty ? .nothing : .wrongMethod(allowed: allowed)
    }

    private static func faults(of route: Route) -> [String] {
        var faults: [String] = []
        if route.id.isEmpty || !route.id.utf8.allSatisfy(isNameByte) {
            faults.append("\(route.id): an id consists of a-z, 0-9, - and .")
        }
        if case .roles(let roles) = route.access, roles.isEmpty { faults.append("\(route.id): no role may call it") }
        if case .members(let roles) = route.access, roles.isEmpty { faults.append("\(route.id): no role may call it") }
        if route.isWatching, !route.isReading { faults.append("\(route.id): whoever watches only reads") }
        if route.isAPI, route.api == nil { faults.append("\(route.id): an API route needs its description") }
        if !route.isAPI, !route.isReading, route.access == .everyone {
            faults.append("\(route.id): a form needs a cookie to be bound to; declare access .session")
        }
        return faults
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension RouteTable {
    /// One level of the path tree; a fixed segment is preferred to a value.
    private struct Node: Sendable {
        var fixed: [String: Node] = [:]
        /// None or one.
        var value: [Node] = []
        var routes: [Route.Method: Route] = [:]

        mutating func insert(_ route: Route, _ path: ArraySlice<PathTemplate.Segment>) -> Bool {
            guard let first = path.first else {
                guard routes[route.method] == nil else { return false }
                routes[route.method] = route
                return true
            }
            switch first {
            case .fixed(let text): return fixed[text, default: Node()].insert(route, path.dropFirst())
            case .value:
                if value.isEmpty { value.append(Node()) }
                return value[0].insert(route, path.dropFirst())
            }
        }

        func find(
            _ method: Route.Method?, _ path: ArraySlice<String>, _ allowed: inout Set<Route.Method>
        ) -> Route? {
            guard let first = path.first else {
                allowed.formUnion(routes.keys)
                return method.flatMap { routes[$0] }
            }
            if let node = fixed[first], let route = node.find(method, path.dropFirst(), &allowed) { return route }
            return value.first?.find(method, path.dropFirst(), &allowed)
        }
    }
}

/// A path such as `/calls/{id}`, split.
struct PathTemplate: Sendable {
    enum Segment: Hashable, Sendable {
        case fixed(String)
        case value(String)
    }

    let segments: [Segment]

    /// The names in braces, in order.
    var names: [String] {
        segments.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }

    init?(_ path: String) {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        if path == "/" {
            segments = []
            return
        }
        var segments: [Segment] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let text = String(Substring(part))
            if part.first == UInt8(ascii: "{"), part.last == UInt8(ascii: "}"), part.count > 2 {
                segments.append(.value(String(text.dropFirst().dropLast())))
            } else if !part.isEmpty, part.allSatisfy(PathTemplate.isFixedByte) {
                segments.append(.fixed(text))
            } else {
                return nil
            }
        }
        self.segments = segments
        guard Set(names).count == names.count else { return nil }
    }

    func values(in path: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            if case .value(let name) = segment { values[name] = text }
        }
        return values
    }

    private static func isFixedByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// The table of routes contradicts itself: the house does not start.
public struct RouteTableProblem: Problem, CustomStringConvertible {
    /// Everything that is wrong, one line each.
    public let faults: [String]

    public var kind: ProblemKind { .broken }
    public var code: String { "route.table" }
    public var message: Bilingual {
        Bilingual("路由表有误：\(description)", "The table of routes is wrong: \(description)")
    }
    public var description: String { faults.joined(separator: "; ") }
}
