import Kernel
import StoreTestSupport
import Store
import Testing
@testable import Bureau
@Suite("Z") struct ZTests {
    @Test func orcid() async throws {
        let city = SyntheticCity(seed: 1, scale: 1)
        let pool = city.people.enumerated().filter { $0.offset >= 20 && $0.element.employer != 0 }.prefix(12)
        for (i, p) in pool.enumerated() { print("ORCID", i + 1, p.element.orcid, p.element.name.zh, city.organisations[p.element.employer].uscc) }
        print("ORG0", city.organisations[0].uscc, city.organisations[0].name.zh)
    }
}
