/** How the elements of a tensor are stored, by the name of their type. */
export interface ElementArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Float16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly int16: Int16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  /** One byte an element, 0 or 1. */
  readonly bool: Uint8Array;
}

/** Name of an element type that graphs can hold. */
export type ElementType = keyof ElementArrays;

/** Elements of any type. */
export type Elements = ElementArrays[ElementType];

type ElementsConstructor = {
  new (length: number): Elements;
  new (buffer: ArrayBufferLike, offset: number, length: number): Elements;
  readonly BYTES_PER_ELEMENT: number;
};

const storage: Readonly<Record<ElementType, ElementsConstructor>> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Float16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** ONNX's `TensorProto.DataType` numbers. */
const codes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

/** Whether elements are real numbers that a gradient can flow through. */
export function isFloating(type: ElementType): boolean {
  return type === "float32" || type === "float64" || type === "float16";
}

/** ONNX's number of an element type. */
export function elementTypeCode(type: ElementType): number {
  return codes[type];
}

/** The element type of an ONNX number, or `undefined` for strings, complex numbers and the like. */
export function findElementType(code: number): ElementType | undefined {
  return (Object.keys(codes) as ElementType[]).find((type) => codes[type] === code);
}

/** Size of one element in bytes. */
export function bytesPerElement(type: ElementType): number {
  return storage[type].BYTES_PER_ELEMENT;
}

/** Zeros. */
export function zeroElements(type: ElementType, length: number): Elements {
  return new storage[type](length);
}

/**
 * Little-endian bytes as elements: a view where the bytes are aligned, else a copy.
 *
 * @throws {RangeError} If the bytes do not hold a whole number of elements.
 */
export function viewElements(type: ElementType, bytes: Uint8Array): Elements {
  const size = bytesPerElement(type);
  if (bytes.byteLength % size !== 0) {
    throw new RangeError(`${bytes.byteLength} bytes do not hold whole ${type} elements`);
  }
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes); // not slice(): a Node Buffer's is a view
  return new storage[type](aligned.buffer, aligned.byteOffset, bytes.byteLength / size);
}

/** Numbers as elements of a type; integers are truncated, and clamped to 64 bits. */
export function elementsOf(type: ElementType, numbers: ArrayLike<number>): Elements {
  const elements = zeroElements(type, numbers.length);
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    for (let i = 0; i < numbers.length; i++) elements[i] = BigInt(Math.trunc(numbers[i]!));
    return elements;
  }
  for (let i = 0; i < numbers.length; i++) elements[i] = numbers[i]!;
  return elements;
}

/** Elements as numbers; 64-bit integers past 2^53 are clamped there, which ONNX's "to the end" markers allow. */
export function numbersOf(elements: Elements): Float64Array {
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    const numbers = new Float64Array(elements.length);
    for (let i = 0; i < elements.length; i++) numbers[i] = clampSafe(Number(elements[i]));
    return numbers;
  }
  return Float64Array.from(elements);
}

/** An integer within the range that a number holds exactly. */
export function clampSafe(integer: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, integer));
}

/** The bytes behind elements, without a copy. */
export function bytesOf(elements: Elements): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    elements.buffer as ArrayBuffer,
    elements.byteOffset,
    elements.byteLength,
  );
}
