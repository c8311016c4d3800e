/*
 * The fast order book of this package in C: the same layout, the same reports, the same checks, so that the ratio says
 * what the runtime costs. Reads records of four words; prints CPU time and digest as JSON.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LIMIT, POST_ONLY, IOC, FOK, MARKET, MARKET_FOK, CANCEL = 16 };
enum { ACCEPTED = 1, TRADED, CANCELLED, REJECTED = 6 };
enum { REQUESTED = 1, IMMEDIATE, FILL_OR_KILL, SELF_TRADE };
enum { QUANTITY_NOT_POSITIVE = 1, OUT_OF_BAND, LATE, WOULD_TRADE, UNKNOWN, NOT_LIVE };
enum { ALLOW, CANCEL_NEWEST, CANCEL_OLDEST };

typedef struct { int32_t next, previous, key, owner, id, quantity[2], spare; } Order;
typedef struct { int32_t head, tail; } Level;
typedef struct { int32_t what, id, other, tick, quantity[2], spare[2]; } Report;

static Order *orders;
static Level *levels;
static int32_t *slot_of_id;
static Report reports[4096];
static int report_count, policy = CANCEL_NEWEST;
static uint32_t *ticks_map, *groups, *blocks, *top;
static int32_t ticks, bests[2] = {-1}, free_slot, used_slots = 1, live, submitted, last_tick = -1;
static int64_t trades;
static double volume, now = -1e300;
static __int128 notional_high;
static double notional_low;

/* Quantities below 2^31 stand in the first word alone, as in wide-quantity.ts. */
static inline void put(int32_t *words, int64_t quantity) {
  if (__builtin_expect(quantity < 0x80000000, 1)) words[0] = quantity;
  else {
    words[0] = (quantity & 0x7fffffff) | 0x80000000;
    words[1] = quantity >> 31;
  }
}

static inline int64_t get(const int32_t *words) {
  return words[0] >= 0 ? words[0] : (int64_t)words[1] << 31 | (words[0] & 0x7fffffff);
}

static inline Report *report(int kind, int reason, int32_t id) {
  Report *next = &reports[report_count++];
  next->what = kind | reason << 8;
  next->id = id;
  return next;
}

static inline void report_rejected(int reason, int32_t id) { report(REJECTED, reason, id); }

static inline void report_cancelled(int reason, int32_t id, int64_t quantity) {
  put(report(CANCELLED, reason, id)->quantity, quantity);
}

static inline void report_accepted(int32_t id, int32_t tick, int64_t quantity) {
  Report *accepted = report(ACCEPTED, 0, id);
  accepted->tick = tick;
  put(accepted->quantity, quantity);
}

static inline void report_traded(int32_t id, int32_t other, int32_t tick, int64_t quantity) {
  Report *traded = report(TRADED, 0, id);
  traded->other = other;
  traded->tick = tick;
  put(traded->quantity, quantity);
}

static inline int lowest(uint32_t word) { return __builtin_ctz(word); }
static inline int highest(uint32_t word) { return 31 - __builtin_clz(word); }

static inline void map_add(int32_t t) {
  uint32_t word = ticks_map[t >> 5];
  ticks_map[t >> 5] = word | 1u << (t & 31);
  if (word) return;
  groups[t >> 10] |= 1u << ((t >> 5) & 31);
  blocks[t >> 15] |= 1u << ((t >> 10) & 31);
  top[t >> 20] |= 1u << ((t >> 15) & 31);
}

static inline void map_delete(int32_t t) {
  if (ticks_map[t >> 5] &= ~(1u << (t & 31))) return;
  if (groups[t >> 10] &= ~(1u << ((t >> 5) & 31))) return;
  if (blocks[t >> 15] &= ~(1u << ((t >> 10) & 31))) return;
  top[t >> 20] &= ~(1u << ((t >> 15) & 31));
}

static inline int32_t from_in(const uint32_t *words, int32_t index, int32_t end) {
  if (!(index & 31) && index >> 5 >= end) return -1;
  uint32_t word = words[index >> 5] & ~0u << (index & 31);
  return word ? (index & ~31) | lowest(word) : -1;
}

static inline int32_t upto_in(const uint32_t *words, int32_t index) {
  if (index < 0) return -1;
  uint32_t word = words[index >> 5] & ~0u >> (31 - (index & 31));
  return word ? (index & ~31) | highest(word) : -1;
}

#define LOWEST_IN(words, index) ((index) << 5 | lowest(words[index]))
#define HIGHEST_IN(words, index) ((index) << 5 | highest(words[index]))

static inline int32_t above(int32_t t) {
  int32_t from = t + 1, found;
  if (from >= ticks) return ticks;
  uint32_t word = ticks_map[from >> 5] & ~0u << (from & 31);
  if (word) return (from & ~31) | lowest(word);
  if ((found = from_in(groups, (from >> 5) + 1, (ticks >> 10) + 1)) >= 0) return LOWEST_IN(ticks_map, found);
  if ((found = from_in(blocks, (from >> 10) + 1, (ticks >> 15) + 1)) >= 0) {
    found = LOWEST_IN(groups, found);
    return LOWEST_IN(ticks_map, found);
  }
  for (int32_t index = (from >> 15) + 1; index >> 5 < (ticks >> 20) + 1; index = (index | 31) + 1) {
    if ((found = from_in(top, index, (ticks >> 20) + 1)) < 0) continue;
    found = LOWEST_IN(blocks, found);
    found = LOWEST_IN(groups, found);
    return LOWEST_IN(ticks_map, found);
  }
  return ticks;
}

static inline int32_t below(int32_t t) {
  int32_t from = t - 1, found;
  if (from < 0) return -1;
  uint32_t word = ticks_map[from >> 5] & ~0u >> (31 - (from & 31));
  if (word) return (from & ~31) | highest(word);
  if ((found = upto_in(groups, (from >> 5) - 1)) >= 0) return HIGHEST_IN(ticks_map, found);
  if ((found = upto_in(blocks, (from >> 10) - 1)) >= 0) {
    found = HIGHEST_IN(groups, found);
    return HIGHEST_IN(ticks_map, found);
  }
  for (int32_t index = (from >> 15) - 1; index >= 0; index = (index & ~31) - 1) {
    if ((found = upto_in(top, index)) < 0) continue;
    found = HIGHEST_IN(blocks, found);
    found = HIGHEST_IN(groups, found);
    return HIGHEST_IN(ticks_map, found);
  }
  return -1;
}

static inline int32_t next_tick(int side, int32_t t) { return side ? above(t) : below(t); }

static inline void close_level(int side, int32_t t) {
  map_delete(t);
  bests[side] = next_tick(side, t);
}

static inline int meets_best(int side, int32_t limit) { return ((limit - bests[side ^ 1]) ^ -side) >= -side; }

static inline void release(int32_t slot, int32_t id) {
  orders[slot].next = free_slot;
  free_slot = slot;
  slot_of_id[id] = 0;
  live--;
}

static inline void count_trades(int32_t t, int64_t number, int64_t quantity) {
  trades += number;
  volume += quantity;
  last_tick = t;
  if (quantity > 0x8000000) {
    notional_high += (__int128)t * quantity;
    return;
  }
  notional_low += (double)t * quantity;
  if (notional_low < 0x10000000000000) return;
  notional_high += (int64_t)notional_low;
  notional_low = 0;
}

static int64_t take_level(int32_t t, int32_t id, int32_t owner, int64_t wanted) {
  int64_t open = wanted, traded = 0, number = 0;
  int32_t slot = levels[t].head;
  while (slot && open > 0) {
    Order *order = &orders[slot];
    int64_t resting = get(order->quantity);
    int32_t maker = order->id;
    if (order->owner == owner && policy != ALLOW) {
      if (policy == CANCEL_NEWEST) {
        report_cancelled(SELF_TRADE, id, open);
        open = 0;
        break;
      }
      report_cancelled(SELF_TRADE, maker, resting);
    } else {
      int64_t part = resting > open ? open : resting;
      report_traded(id, maker, t, part);
      number++;
      traded += part;
      open -= part;
      if (resting > part) {
        put(order->quantity, resting - part);
        break;
      }
    }
    int32_t next = order->next;
    release(slot, maker);
    slot = next;
  }
  levels[t].head = slot;
  if (!slot) levels[t].tail = 0;
  else orders[slot].previous = 0;
  if (number) count_trades(t, number, traded);
  return open;
}

static int64_t match(int side, int32_t id, int32_t owner, int32_t limit, int64_t quantity) {
  int64_t open = quantity;
  while (open > 0 && meets_best(side, limit)) {
    int32_t best = bests[side ^ 1];
    open = take_level(best, id, owner, open);
    if (!levels[best].head) close_level(side ^ 1, best);
  }
  return open;
}

static inline int crosses(int side, int32_t t, int32_t limit) { return side ? t >= limit : t <= limit; }

static int would_trade(int side, int32_t owner, int32_t limit) {
  for (int32_t t = bests[side ^ 1]; crosses(side, t, limit); t = next_tick(side ^ 1, t))
    for (int32_t slot = levels[t].head; slot; slot = orders[slot].next) {
      if (orders[slot].owner != owner || policy == ALLOW) return 1;
      if (policy == CANCEL_NEWEST) return 0;
    }
  return 0;
}

static int can_fill(int side, int32_t owner, int32_t limit, int64_t quantity) {
  for (int32_t t = bests[side ^ 1]; crosses(side, t, limit); t = next_tick(side ^ 1, t))
    for (int32_t slot = levels[t].head; slot; slot = orders[slot].next) {
      if (policy != ALLOW && orders[slot].owner == owner) {
        if (policy == CANCEL_NEWEST) return 0;
        continue;
      }
      if ((quantity -= get(orders[slot].quantity)) <= 0) return 1;
    }
  return 0;
}

static void rest(int32_t key, int32_t t, int32_t id, int32_t owner, int64_t quantity) {
  int32_t slot = free_slot;
  if (slot) free_slot = orders[slot].next;
  else slot = used_slots++;
  int32_t tail = levels[t].tail;
  Order *order = &orders[slot];
  order->next = 0;
  order->previous = tail;
  order->key = key;
  order->owner = owner;
  order->id = id;
  put(order->quantity, quantity);
  slot_of_id[id] = slot;
  live++;
  levels[t].tail = slot;
  if (tail) {
    orders[tail].next = slot;
    return;
  }
  levels[t].head = slot;
  map_add(t);
  int side = key & 1;
  if (side == 0 ? t > bests[0] : t < bests[1]) bests[side] = t;
}

static void enter(int32_t id, int side, int flags, int32_t owner, int32_t t, int64_t quantity) {
  report_accepted(id, t, quantity);
  int64_t open = meets_best(side, t) ? match(side, id, owner, t, quantity) : quantity;
  if (open > 0) rest(t << 2 | flags | side, t, id, owner, open);
}

/* No order of the workload has an expiry: the queue of those is left out. */
static void submit_other(int32_t id, int side, int kind, int32_t owner, int32_t t, int64_t quantity, double expires) {
  int32_t limit = kind < MARKET ? t : side == 0 ? ticks - 1 : 0;
  int reason = 0;
  if (quantity <= 0) reason = QUANTITY_NOT_POSITIVE;
  else if (limit < 0 || limit >= ticks) reason = OUT_OF_BAND;
  else if (expires <= now) reason = LATE;
  else if (kind == POST_ONLY && would_trade(side, owner, limit)) reason = WOULD_TRADE;
  if (reason) {
    report_rejected(reason, id);
  } else if (kind <= POST_ONLY) {
    enter(id, side, kind == POST_ONLY ? 2 : 0, owner, t, quantity);
  } else {
    report_accepted(id, kind < MARKET ? t : 0, quantity);
    if ((kind == FOK || kind == MARKET_FOK) && !can_fill(side, owner, limit, quantity)) {
      report_cancelled(FILL_OR_KILL, id, quantity);
      return;
    }
    int64_t open = match(side, id, owner, limit, quantity);
    if (open > 0) report_cancelled(IMMEDIATE, id, open);
  }
}

static void submit(int side, int kind, int32_t owner, int32_t t, int64_t quantity, double expires) {
  int32_t id = submitted++;
  if (kind == LIMIT && expires > now && quantity > 0 && t >= 0 && t < ticks) enter(id, side, 0, owner, t, quantity);
  else submit_other(id, side, kind, owner, t, quantity, expires);
}

static void cancel(int32_t id) {
  int known = id >= 0 && id < submitted;
  int32_t slot = known ? slot_of_id[id] : 0;
  if (!slot) {
    report_rejected(known ? NOT_LIVE : UNKNOWN, id);
    return;
  }
  Order order = orders[slot];
  int32_t t = order.key >> 2;
  report_cancelled(REQUESTED, id, get(order.quantity));
  if (!order.previous) levels[t].head = order.next;
  else orders[order.previous].next = order.next;
  if (!order.next) levels[t].tail = order.previous;
  else orders[order.next].previous = order.previous;
  release(slot, id);
  if (order.previous || order.next) return;
  int side = order.key & 1;
  if (t == bests[side]) close_level(side, t);
  else map_delete(t);
}

static void apply(const int32_t *records, int64_t from, int64_t to) {
  for (int64_t index = from; index < to; index++) {
    const int32_t *record = records + 4 * index;
    if (record[0] == CANCEL) cancel(record[1]);
    else submit(record[0] >> 8, record[0] & 0xff, record[1], record[2], record[3], 1e300);
    if ((index & 255) == 0) report_count = 0;
    else if (report_count > 3000) report_count = 0;
  }
}

static double cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int count, char **words) {
  if (count != 7) return 2;
  int64_t prefill = atoll(words[2]), operations = atoll(words[3]);
  ticks = atoi(words[4]);
  bests[1] = ticks;
  int64_t ids = atoll(words[5]), room = atoll(words[6]);
  int32_t *records = malloc((prefill + operations) * 16);
  FILE *file = fopen(words[1], "rb");
  if (!file || fread(records, 16, prefill + operations, file) != (size_t)(prefill + operations)) return 3;
  orders = calloc(room + 1, sizeof(Order));
  levels = calloc(ticks, sizeof(Level));
  slot_of_id = calloc(ids, 4);
  ticks_map = calloc((ticks >> 5) + 1, 4);
  groups = calloc((ticks >> 10) + 1, 4);
  blocks = calloc((ticks >> 15) + 1, 4);
  top = calloc((ticks >> 20) + 1, 4);
  apply(records, 0, prefill);
  double start = cpu_ns();
  apply(records, prefill, prefill + operations);
  double ns = cpu_ns() - start;
  double notional = (double)notional_high + notional_low;
  printf("{\"ns\":%.0f,\"trades\":%lld,\"volume\":%.0f,\"notional\":%.0f,\"live\":%d}\n", ns, (long long)trades, volume, notional,
         live);
  return 0;
}
