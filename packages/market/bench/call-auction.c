/*
 * The twin of the call auction's kernel in C: what the machine could do.
 *
 * usage: call-auction FILE ROWS TICKS MILLISECONDS
 * FILE holds the columns one after the other: side (bytes), tick and energy (32 bits each). Prints a digest and the CPU
 * nanoseconds of one clearing. k = 0; marginal rows in order of arrival. Energies are below 2^12.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1 << 20, CHUNK = 64 };

typedef struct {
  int64_t tick, low, energy;
} result_t;

static uint32_t part[1 << 16];
static int64_t sums[1 << 16];

static void tally(const uint8_t *side, const int32_t *tick, const int32_t *energy, size_t rows, int ticks) {
  memset(sums, 0, sizeof(int64_t) * 2 * ticks);
  for (size_t from = 0; from < rows; from += BLOCK) {
    size_t to = from + BLOCK < rows ? from + BLOCK : rows;
    memset(part, 0, sizeof(uint32_t) * 2 * ticks);
    for (size_t row = from; row < to; row++) part[2 * tick[row] + side[row]] += (uint32_t)energy[row];
    for (int place = 0; place < 2 * ticks; place++) sums[place] += part[place];
  }
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static result_t clear(const uint8_t *side, const int32_t *tick, const int32_t *energy, size_t rows, int ticks, int32_t *fills) {
  tally(side, tick, energy, rows, ticks);
  int64_t demand = 0, bids = 0, offers = 0;
  for (int at = 0; at < ticks; at++) demand += sums[2 * at];
  int at = 0;
  for (; at < ticks; at++) {
    int64_t here = sums[2 * at] + sums[2 * at + 1];
    if (here > 0 && offers + sums[2 * at + 1] >= demand - bids - sums[2 * at]) break;
    bids += sums[2 * at];
    offers += sums[2 * at + 1];
  }
  int64_t bids_at = sums[2 * at], above = demand - bids - bids_at;
  int64_t volume = smaller(above + bids_at, offers + sums[2 * at + 1]);
  int64_t left[2] = {volume - above, volume - offers};
  int low = at;
  if (left[1] == 0 && left[0] == bids_at)
    for (low = at - 1; low >= 0 && sums[2 * low] + sums[2 * low + 1] == 0; low--) {}

  for (size_t from = 0; from < rows; from += CHUNK) {
    size_t to = from + CHUNK < rows ? from + CHUNK : rows;
    int32_t marginal = 0;
    for (size_t row = from; row < to; row++) {
      int32_t ahead = tick[row] - at;
      fills[row] = energy[row] & (((-ahead) >> 31) ^ -(int32_t)side[row]);
      marginal |= ahead == 0;
    }
    if (!marginal) continue;
    for (size_t row = from; row < to; row++) {
      if (tick[row] != at) continue;
      int64_t served = smaller(energy[row], left[side[row]]);
      fills[row] = (int32_t)served;
      left[side[row]] -= served;
    }
  }
  return (result_t){at, low, volume};
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  size_t rows = strtoull(argv[2], NULL, 10);
  int ticks = atoi(argv[3]);
  double least = atof(argv[4]) / 1000;
  uint8_t *side = malloc(rows);
  int32_t *tick = malloc(4 * rows), *energy = malloc(4 * rows), *fills = calloc(rows, 4);
  FILE *file = fopen(argv[1], "rb");
  if (!file || fread(side, 1, rows, file) != rows || fread(tick, 4, rows, file) != rows || fread(energy, 4, rows, file) != rows)
    return 3;
  fclose(file);
  result_t result = clear(side, tick, energy, rows, ticks, fills);
  long runs = 0;
  clock_t start = clock();
  double spent;
  do {
    result = clear(side, tick, energy, rows, ticks, fills);
    runs += 1;
    spent = (double)(clock() - start) / CLOCKS_PER_SEC;
  } while (spent < least);
  int64_t digest = 0;
  for (size_t row = 0; row < rows; row++) digest += (int64_t)fills[row] * (int64_t)(row % 997);
  printf("%lld/%lld/%lld %.3f\n", (long long)result.low, (long long)result.energy, (long long)digest, spent * 1e9 / runs);
  return 0;
}
