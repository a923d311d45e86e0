/* The measure for the native backend: the net 2-16-16-1 with relu, hinge loss and 1e-4 times the sum of squares, as one
   writes it by hand in C. gcc -O3 -march=native -mprefer-vector-width=512 -ffast-math -shared -fPIC hand.c -o hand.so

   Parameters in our order: for each unit its weights, then its bias. Rows are taken in blocks that stay in cache, with
   the rows innermost, so that the compiler makes vectors of them. -ffast-math lets it add the rows up in vectors. */

#define IN 2
#define H 16
#define B 128
#define PARAMETERS (H * (IN + 1) + H * (H + 1) + H + 1)
#define PENALTY 1e-4

#ifndef real
#define real double
#endif

static void block(const real *restrict x, const real *restrict y, const real *restrict p, real *restrict g, real *loss,
                  long n)
{
    static _Thread_local real in[IN][B], a[H][B], b[H][B], c[H][B], delta[B];
    const real *p1 = p, *p2 = p + H * (IN + 1), *p3 = p2 + H * (H + 1);
    real *g1 = g, *g2 = g + H * (IN + 1), *g3 = g2 + H * (H + 1);
    for (int j = 0; j < IN; j++)
        for (long r = 0; r < n; r++) in[j][r] = x[r * IN + j];
    for (int i = 0; i < H; i++) {
        const real *w = p1 + i * (IN + 1);
        for (long r = 0; r < n; r++) {
            real z = w[IN] + w[0] * in[0][r] + w[1] * in[1][r];
            a[i][r] = z > 0 ? z : 0;
        }
    }
    for (int i = 0; i < H; i++) {
        const real *w = p2 + i * (H + 1);
        for (long r = 0; r < n; r++) {
            real z = w[H];
            for (int j = 0; j < H; j++) z += w[j] * a[j][r];
            b[i][r] = z > 0 ? z : 0;
        }
    }
    real total = 0, bias = 0;
    for (long r = 0; r < n; r++) {
        real z = p3[H];
        for (int j = 0; j < H; j++) z += p3[j] * b[j][r];
        real margin = 1 - y[r] * z;
        total += margin > 0 ? margin : 0;
        delta[r] = margin > 0 ? -y[r] : 0;
        bias += delta[r];
    }
    *loss += total;
    g3[H] += bias;
    for (int i = 0; i < H; i++) {
        real sum = 0, own = 0;
        for (long r = 0; r < n; r++) {
            sum += delta[r] * b[i][r];
            c[i][r] = b[i][r] > 0 ? delta[r] * p3[i] : 0;
            own += c[i][r];
        }
        g3[i] += sum;
        g2[i * (H + 1) + H] += own;
    }
    for (int i = 0; i < H; i += 2)
        for (int j = 0; j < H; j += 4) { /* eight sums at once, since one alone waits for itself */
            real s[8] = {0};
            for (long r = 0; r < n; r++) {
                real c0 = c[i][r], c1 = c[i + 1][r], a0 = a[j][r], a1 = a[j + 1][r], a2 = a[j + 2][r], a3 = a[j + 3][r];
                s[0] += c0 * a0, s[1] += c0 * a1, s[2] += c0 * a2, s[3] += c0 * a3;
                s[4] += c1 * a0, s[5] += c1 * a1, s[6] += c1 * a2, s[7] += c1 * a3;
            }
            for (int q = 0; q < 8; q++) g2[(i + q / 4) * (H + 1) + j + q % 4] += s[q];
        }
    for (int j = 0; j < H; j++) {
        real s0 = 0, s1 = 0, own = 0;
        for (long r = 0; r < n; r++) {
            real d = 0;
            for (int i = 0; i < H; i++) d += p2[i * (H + 1) + j] * c[i][r];
            d = a[j][r] > 0 ? d : 0;
            s0 += d * in[0][r];
            s1 += d * in[1][r];
            own += d;
        }
        g1[j * (IN + 1)] += s0;
        g1[j * (IN + 1) + 1] += s1;
        g1[j * (IN + 1) + IN] += own;
    }
}

real value_and_grad(const real *x, const real *y, const real *p, real *g, long rows)
{
    real loss = 0, squares = 0;
    for (int i = 0; i < PARAMETERS; i++) g[i] = 0;
    for (long start = 0; start < rows; start += B)
        block(x + start * IN, y + start, p, g, &loss, rows - start < B ? rows - start : B);
    for (int i = 0; i < PARAMETERS; i++) {
        squares += p[i] * p[i];
        g[i] = g[i] / rows + 2 * (real)PENALTY * p[i];
    }
    return loss / rows + (real)PENALTY * squares;
}

void descend(const real *x, const real *y, real *p, long rows, real rate, long steps, real *losses)
{
    real g[PARAMETERS];
    for (long s = 0; s < steps; s++) {
        losses[s] = value_and_grad(x, y, p, g, rows);
        for (int i = 0; i < PARAMETERS; i++) p[i] -= rate * g[i];
    }
}
