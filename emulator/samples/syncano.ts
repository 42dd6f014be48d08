import type { Endpoint, SyncanoEmulator } from '../syncano';

/** What the samples are called by, for credentials, workflows and what the emulator prints. */
export interface SyncanoSamples {
	readonly instance: string;
	/** Opens everything. */
	readonly accountKey: string;
	/** Does not suffice to run scripts: for a look at what the service then says. */
	readonly instanceKey: string;
	readonly scripts: Readonly<Record<'orderTotals' | 'slug' | 'checkOrder' | 'slowReport', number>>;
	/** Names of Script Endpoints. */
	readonly endpoints: Readonly<Record<'orderTotals' | 'orderJson' | 'orderReceipt' | 'slugPublic', string>>;
	/** Paths of the public links, to put behind the emulator's address. */
	readonly publicPaths: Readonly<Record<'slugPublic', string>>;
}

/** Adds up an order. ARGS: { items: [{ name, price, quantity }] }. */
const orderTotals = `
var items = ARGS.items || [];
var total = items.reduce(function (sum, item) { return sum + item.price * item.quantity; }, 0);
console.log(JSON.stringify({ lines: items.length, total: Math.round(total * 100) / 100, currency: CONFIG.currency }));
`.trim();

/** Makes a name fit for a web address. ARGS: { text }. */
const slug = `
import json, re, unicodedata

text = unicodedata.normalize('NFKD', ARGS.get('text', '')).encode('ascii', 'ignore').decode()
print(json.dumps({'slug': re.sub(r'[^a-z0-9]+', '-', text.lower()).strip('-')}))
`.trim();

/** Fails on an order that cannot be right. ARGS: { id, quantity }. */
const checkOrder = `
import json, sys

quantity = ARGS.get('quantity')
if not isinstance(quantity, (int, float)) or isinstance(quantity, bool):
    sys.stderr.write('quantity is missing or no number\\n')
    sys.exit(2)
if quantity <= 0:
    raise ValueError('quantity must be positive, got %s' % quantity)
print(json.dumps({'id': ARGS.get('id'), 'ok': True}))
`.trim();

/** Takes its time. ARGS: { seconds }. */
const slowReport = `
var seconds = Math.min(Number(ARGS.seconds) || 3, 20);
console.log('working');
setTimeout(function () { console.log(JSON.stringify({ rows: 42, seconds: seconds })); }, seconds * 1000);
`.trim();

/** Answers an order by itself: 201 with JSON, or 422 where it is no order. Body: { customer }. */
const orderJson = `
if (ARGS.customer) {
  var body = JSON.stringify({ accepted: true, customer: ARGS.customer });
  setResponse(new HttpResponse(201, body, 'application/json', { 'X-Order-Source': META.executor }));
} else {
  setResponse(new HttpResponse(422, JSON.stringify({ accepted: false, missing: ['customer'] })));
}
`.trim();

/**
 * Answers with a file, a one-page PDF. Query or body: { customer }.
 * A reply is text to the service, so that a file has to do with ASCII; PDF can.
 */
const orderReceipt = `
import re

name = re.sub(r'[^A-Za-z0-9 .-]', '?', str(ARGS.get('customer', 'unknown customer')))
page = 'BT /F1 24 Tf 72 720 Td (Receipt for %s) Tj ET' % name
objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    '<< /Length %d >>\\nstream\\n%s\\nendstream' % (len(page), page),
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
]
pdf = '%PDF-1.4\\n'
offsets = []
for number, content in enumerate(objects, 1):
    offsets.append(len(pdf))
    pdf += '%d 0 obj\\n%s\\nendobj\\n' % (number, content)
start = len(pdf)
pdf += 'xref\\n0 %d\\n0000000000 65535 f \\n' % (len(objects) + 1)
pdf += ''.join('%010d 00000 n \\n' % offset for offset in offsets)
pdf += 'trailer << /Size %d /Root 1 0 R >>\\nstartxref\\n%d\\n%%%%EOF\\n' % (len(objects) + 1, start)
set_response(HttpResponse(200, pdf, 'application/pdf', {'Content-Disposition': 'attachment; filename="receipt.pdf"'}))
`.trim();

/**
 * Adds an instance with scripts and endpoints for the demo and the examples. Names, ids, keys and links are the same each time.
 * Scripts: `orderTotals` (nodejs, prints JSON), `slug` (python), `checkOrder` (fails on bad input), `slowReport` (some seconds).
 * Endpoints: `orderTotals` (default reply), `orderJson` (its own JSON), `orderReceipt` (its own file), `slugPublic` (public).
 */
export function addSyncanoSamples(syncano: SyncanoEmulator): SyncanoSamples {
	const { name: instance, instanceKey } = syncano.addInstance({ name: 'tea-house', description: 'Samples of the emulator', plan: 'paid', config: { currency: 'EUR' } });
	const script = (id: number, label: string, runtime_name: string, source: string): number =>
		syncano.addScript({ instance, id, label, runtime_name, source }).id;
	const endpoint = (name: string, id: number, isPublic = false): Endpoint => syncano.addEndpoint({ instance, name, script: id, public: isPublic });

	const scripts = {
		orderTotals: script(1, 'Order totals', 'nodejs_v6', orderTotals),
		slug: script(2, 'Slug', 'python3', slug),
		checkOrder: script(3, 'Check order', 'python3', checkOrder),
		slowReport: script(4, 'Slow report', 'nodejs_v6', slowReport),
	};
	const slugPublic = endpoint('slug-public', scripts.slug, true);
	return {
		instance,
		accountKey: syncano.accountKey,
		instanceKey,
		scripts,
		endpoints: {
			orderTotals: endpoint('order-totals', scripts.orderTotals).name,
			orderJson: endpoint('order-json', script(5, 'Order as JSON', 'nodejs_v6', orderJson)).name,
			orderReceipt: endpoint('order-receipt', script(6, 'Order receipt', 'python3', orderReceipt)).name,
			slugPublic: slugPublic.name,
		},
		publicPaths: { slugPublic: syncano.publicPath(slugPublic) },
	};
}
