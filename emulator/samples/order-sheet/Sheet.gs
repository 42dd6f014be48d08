/** Helpers; names that end in an underscore cannot be called from outside. */

const HEADINGS = ['Date', 'Customer', 'Product', 'Quantity', 'Price', 'Total'];

const REFUSAL_HEADINGS = ['Date', 'Customer', 'Reason', 'What to do'];

function orderSheet_() {
  return sheet_('Orders', HEADINGS);
}

function refusalSheet_() {
  return sheet_('Refusals', REFUSAL_HEADINGS);
}

function sheet_(name, headings) {
  const properties = PropertiesService.getScriptProperties();
  let id = properties.getProperty('SPREADSHEET_ID');
  if (!id) {
    id = SpreadsheetApp.create('Orders').getId();
    properties.setProperty('SPREADSHEET_ID', id);
  }
  const spreadsheet = SpreadsheetApp.openById(id);
  let sheet = spreadsheet.getSheetByName(name);
  if (!sheet) {
    sheet = spreadsheet.insertSheet(name);
    sheet.appendRow(headings);
  }
  return sheet;
}

function readOrders_() {
  const rows = orderSheet_().getDataRange().getValues().slice(1);
  return rows.map(([date, customer, product, quantity, price, total]) => ({ date, customer, product, quantity, price, total }));
}

function checkOrder_(order) {
  if (!order || !order.customer) throw new Error('The order has no customer');
  if (!order.product) throw new Error('The order of ' + order.customer + ' has no product');
  const quantity = Number(order.quantity);
  if (!(quantity > 0)) throw new RangeError('The quantity must be more than 0, not ' + order.quantity);
  const price = Number(order.price);
  if (Number.isNaN(price)) throw new TypeError('The price must be a number, not ' + order.price);
  return { customer: order.customer, product: order.product, quantity: quantity, price: price };
}
