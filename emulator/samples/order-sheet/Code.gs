/**
 * An order sheet. Functions for workflows: each takes plain values and returns plain values.
 */

/**
 * Appends one order.
 * @param {{ customer: string, product: string, quantity: number, price: number }} order
 * @return {{ row: number, total: number }} the sheet's row, and what the order costs
 */
function addRow(order) {
  const checked = checkOrder_(order);
  const total = Math.round(checked.quantity * checked.price * 100) / 100;
  const lock = LockService.getScriptLock();
  lock.waitLock(30000);
  try {
    const sheet = orderSheet_();
    sheet.appendRow([new Date(), checked.customer, checked.product, checked.quantity, checked.price, total]);
    return { row: sheet.getLastRow(), total: total };
  } finally {
    lock.releaseLock();
  }
}

/**
 * Appends one order, given value by value.
 * @param {string} customer
 * @param {string} product
 * @param {number} quantity
 * @param {number} price per piece
 * @return {{ row: number, total: number }}
 */
function addOrder(customer, product, quantity, price) {
  return addRow({ customer, product, quantity, price });
}

/**
 * Appends many orders in one run. An order that is not right fails alone: its entry is { error: text }.
 * @param {Array<Object>} orders
 * @return {Array<Object>} one entry an order, in the same order
 */
function addRows(orders) {
  return orders.map((order) => {
    try {
      return addRow(order);
    } catch (error) {
      return { error: error.message };
    }
  });
}

/**
 * The orders of one customer, or all.
 * @param {string} [customer]
 * @return {Array<Object>}
 */
function listRows(customer) {
  return readOrders_()
    .filter((order) => !customer || order.customer === customer)
    .map((order) => Object.assign({}, order, { date: Utilities.formatDate(order.date, Session.getScriptTimeZone(), 'yyyy-MM-dd') }));
}

/**
 * Number of orders and turnover by customer.
 * @return {{ orders: number, turnover: number, byCustomer: Object }}
 */
function summarize() {
  const byCustomer = {};
  let turnover = 0;
  const orders = readOrders_();
  for (const order of orders) {
    byCustomer[order.customer] = (byCustomer[order.customer] || 0) + order.total;
    turnover += order.total;
  }
  return { orders: orders.length, turnover: turnover, byCustomer: byCustomer };
}

/**
 * Notes an order that could not be added, for somebody to look at.
 * @param {string} customer
 * @param {string} reason
 * @param {boolean} [mayBeThere=false] whether its row may have been written all the same
 * @return {{ row: number }}
 */
function noteRefusal(customer, reason, mayBeThere = false) {
  const sheet = refusalSheet_();
  sheet.appendRow([new Date(), customer || '(no customer)', reason, mayBeThere ? 'look first' : 'run again']);
  return { row: sheet.getLastRow() };
}

/** Keeps a text file (as n8n appends it: { fileName, mimeType, base64 }) and tells its size and lines. */
function importFile(file) {
  const blob = Utilities.newBlob(Utilities.base64Decode(file.base64), file.mimeType, file.fileName);
  return { name: blob.getName(), bytes: blob.getBytes().length, lines: blob.getDataAsString().split('\n').filter((line) => line !== '').length };
}

/** Sends the confirmation of an order; returns nothing. */
function confirmOrder(recipient, row) {
  MailApp.sendEmail(recipient, 'Your order', 'Thank you, your order is in row ' + row + '.');
}

/** A report that takes its time. @param {number} seconds */
function slowReport(seconds) {
  Utilities.sleep(seconds * 1000);
  return summarize();
}

/** A mistake that is often made: a date cannot be returned. */
function lastOrderDate() {
  const orders = readOrders_();
  return orders.length === 0 ? new Date(0) : orders[orders.length - 1].date;
}

/** Another one: what needs a person in front of the sheet does not work from outside. */
function askForName() {
  return SpreadsheetApp.getUi().prompt('Your name?');
}

/** A third one: `order.customer` of nothing. */
function customerOf(order) {
  return order.customer.name;
}
