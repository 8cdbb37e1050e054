import Kernel

/// Makes the compiled release of a contracting process: OCDS's merge, for the members that ``ReleaseMap`` writes.
/// Objects are merged member by member, lists of objects by their `id`, other lists are replaced, null takes away.
enum ReleaseMerge {
    /// - Parameter releases: of one process, by date; at least one.
    static func compile(_ releases: [JSONValue]) -> JSONValue {
        var merged: [String: JSONValue] = [:]
        for release in releases {
            for (name, value) in release.object ?? [:] where !["id", "date", "tag"].contains(name) {
                merged[name] = merge(merged[name], value)
            }
        }
        let last = releases.last?["date"]?.string ?? ""
        merged["tag"] = ["compiled"]
        merged["date"] = .string(last)
        merged["id"] = .string("\(merged["ocid"]?.string ?? "")-\(last)")
        return .object(merged)
    }

    private static func merge(_ old: JSONValue?, _ new: JSONValue) -> JSONValue? {
        switch new {
        case .null: return nil
        case .object(let members):
            var merged = old?.object ?? [:]
            for (name, value) in members { merged[name] = merge(merged[name], value) }
            return .object(merged)
        case .array(let elements): return .array(merge(old?.array ?? [], elements))
        default: return new
        }
    }

    private static func merge(_ old: [JSONValue], _ new: [JSONValue]) -> [JSONValue] {
        guard new.allSatisfy({ $0.object != nil }) else { return new }
        var merged = old
        for element in new {
            let place = merged.firstIndex { $0["id"] != nil && $0["id"] == element["id"] }
            if let place {
                merged[place] = merge(merged[place], element) ?? .null
            } else {
                merged.append(merge(nil, element) ?? .null)
            }
        }
        return merged
    }
}
