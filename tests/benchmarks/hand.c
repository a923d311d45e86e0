/* The measure for the native backend: the net 2-16-16-1 with relu, hinge loss and 1e-4 times the sum of squares, as one
   writes it by hand in C. gcc -O3 -march=native -mprefer-vector-width=512 -ffast-math -shared -fPIC hand.c -o hand.so

   Parameters in our order: for each unit its weights, then its bias. The 16 units of a layer lie side by side in vectors
   as wide as the machine's registers, so that no sum runs across one but the last. As many rows go through together, and
   as many units are summed together, as the registers hold: 32 of 64 bytes with AVX-512, 16 of 32 bytes without. */

#define IN 2
#define H 16
#define B 64     /* rows whose activations are kept for the gradient of the second layer */
#if defined(__AVX512F__)
#define WIDTH 64 /* bytes of a register */
#define R 4      /* rows that go through together */
#define U 8      /* units whose gradients are summed together */
#elif defined(__AVX__)
#define WIDTH 32
#define R 2
#define U 2
#else
#define WIDTH 16
#define R 1
#define U 1
#endif
#define PARAMETERS (H * (IN + 1) + H * (H + 1) + H + 1)
#define PENALTY 1e-4

#ifndef real
#define real double
#endif

#define LANES ((int)(WIDTH / sizeof(real)))
#define K (H / LANES)
typedef real vec __attribute__((vector_size(WIDTH)));
typedef __typeof__((vec){0} > (vec){0}) mask;
#define WHERE(condition, v) ((vec)((condition) & (mask)(v))) /* and 0 elsewhere */

typedef struct {
    vec w1[IN][K], b1[K];          /* by input: the weights of all units */
    vec forward[H][K], b2[K];      /* the second layer by input, for z = W a */
    vec back[H][K];                /* and by unit, for da = W^T dz */
    vec w3[K];
    real b3;
} net;

typedef struct {
    vec g1[IN][K], gb1[K], g2[H][K], gb2[K], g3[K];
    real gb3, loss;
} sums;

static inline real across(vec v)
{
    real s = 0;
    for (int l = 0; l < LANES; l++) s += v[l];
    return s;
}

static inline __attribute__((always_inline)) void through(const int rows, const net *restrict n, sums *restrict s,
                                                          const real *restrict x, const real *restrict y,
                                                          vec (*restrict a)[K], vec (*restrict c)[K])
{
    vec z[R][K], zero = {0};
    for (int r = 0; r < rows; r++)
        for (int k = 0; k < K; k++) {
            vec one = n->b1[k] + n->w1[0][k] * x[r * IN] + n->w1[1][k] * x[r * IN + 1];
            a[r][k] = WHERE(one > 0, one);
            z[r][k] = n->b2[k];
        }
#pragma GCC unroll 16
    for (int j = 0; j < H; j++)
        for (int r = 0; r < rows; r++)
            for (int k = 0; k < K; k++) z[r][k] += n->forward[j][k] * ((const real *)a[r])[j];
    for (int r = 0; r < rows; r++) {
        vec product = zero;
        for (int k = 0; k < K; k++) {
            z[r][k] = WHERE(z[r][k] > 0, z[r][k]);
            product += z[r][k] * n->w3[k];
        }
        real margin = 1 - y[r] * (across(product) + n->b3), delta = margin > 0 ? -y[r] : 0;
        s->loss += margin > 0 ? margin : 0;
        s->gb3 += delta;
        for (int k = 0; k < K; k++) {
            s->g3[k] += z[r][k] * delta;
            c[r][k] = WHERE(z[r][k] > 0, n->w3[k] * delta);
            s->gb2[k] += c[r][k];
            z[r][k] = zero;
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < H; i++)
        for (int r = 0; r < rows; r++)
            for (int k = 0; k < K; k++) z[r][k] += n->back[i][k] * ((const real *)c[r])[i];
    for (int r = 0; r < rows; r++)
        for (int k = 0; k < K; k++) {
            vec d = WHERE(a[r][k] > 0, z[r][k]);
            s->g1[0][k] += d * x[r * IN];
            s->g1[1][k] += d * x[r * IN + 1];
            s->gb1[k] += d;
        }
}

static void block(const net *n, sums *s, const real *x, const real *y, long rows)
{
    vec a[B][K], c[B][K];
    long r = 0;
    for (; r + R <= rows; r += R) through(R, n, s, x + r * IN, y + r, a + r, c + r);
    for (; r < rows; r++) through(1, n, s, x + r * IN, y + r, a + r, c + r);
    for (int i = 0; i < H; i += U) {
        vec g[U][K];
        for (int u = 0; u < U; u++)
            for (int k = 0; k < K; k++) g[u][k] = s->g2[i + u][k];
        for (long q = 0; q < rows; q++)
            for (int u = 0; u < U; u++)
                for (int k = 0; k < K; k++) g[u][k] += a[q][k] * ((const real *)c[q])[i + u];
        for (int u = 0; u < U; u++)
            for (int k = 0; k < K; k++) s->g2[i + u][k] = g[u][k];
    }
}

real value_and_grad(const real *restrict x, const real *restrict y, const real *restrict p, real *restrict g, long rows)
{
    net n;
    sums s = {0};
    const real *p2 = p + H * (IN + 1), *p3 = p2 + H * (H + 1);
    for (int i = 0; i < H; i++) {
        for (int j = 0; j < IN; j++) ((real *)n.w1[j])[i] = p[i * (IN + 1) + j];
        ((real *)n.b1)[i] = p[i * (IN + 1) + IN];
        for (int j = 0; j < H; j++) ((real *)n.back[i])[j] = ((real *)n.forward[j])[i] = p2[i * (H + 1) + j];
        ((real *)n.b2)[i] = p2[i * (H + 1) + H];
        ((real *)n.w3)[i] = p3[i];
    }
    n.b3 = p3[H];
    for (long start = 0; start < rows; start += B)
        block(&n, &s, x + start * IN, y + start, rows - start < B ? rows - start : B);
    for (int i = 0; i < H; i++) {
        real *g1 = g + i * (IN + 1), *g2 = g + H * (IN + 1) + i * (H + 1);
        for (int j = 0; j < IN; j++) g1[j] = ((real *)s.g1[j])[i];
        g1[IN] = ((real *)s.gb1)[i];
        for (int j = 0; j < H; j++) g2[j] = ((real *)s.g2[i])[j];
        g2[H] = ((real *)s.gb2)[i];
        g[PARAMETERS - H - 1 + i] = ((real *)s.g3)[i];
    }
    g[PARAMETERS - 1] = s.gb3;
    real squares = 0, scale = 1 / (real)rows;
    for (int i = 0; i < PARAMETERS; i++) {
        squares += p[i] * p[i];
        g[i] = g[i] * scale + 2 * (real)PENALTY * p[i];
    }
    return s.loss / rows + (real)PENALTY * squares;
}

void descend(const real *x, const real *y, real *p, long rows, real rate, long steps, real *losses)
{
    real g[PARAMETERS];
    for (long s = 0; s < steps; s++) {
        losses[s] = value_and_grad(x, y, p, g, rows);
        for (int i = 0; i < PARAMETERS; i++) p[i] -= rate * g[i];
    }
}
