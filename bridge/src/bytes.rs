//! Byte ranges that cross the boundary. Both sides only borrow.

use crate::error::Failure;
use std::collections::HashMap;

/// `tb_bytes`. Null is allowed where the size is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

/// `tb_pair`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pair {
    pub key: Bytes,
    pub value: Bytes,
}

impl Bytes {
    pub const EMPTY: Bytes = Bytes { data: std::ptr::null(), size: 0 };

    /// Lends `slice` to the other side; what holds it must outlive the call.
    pub fn lend(slice: &[u8]) -> Bytes {
        Bytes { data: slice.as_ptr(), size: slice.len() }
    }

    pub fn lend_or_empty(text: Option<&str>) -> Bytes {
        text.map_or(Bytes::EMPTY, |text| Bytes::lend(text.as_bytes()))
    }

    /// # Safety
    /// `data` must be readable for `size` bytes during `'a`, unless `size` is 0.
    pub unsafe fn as_slice<'a>(self) -> &'a [u8] {
        if self.size == 0 || self.data.is_null() {
            // A slice of no bytes may not begin at null.
            return &[];
        }
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// The text of the option `name`, or empty where it is unset.
    ///
    /// # Safety
    /// As [`Bytes::as_slice`].
    pub unsafe fn text(self, name: &str) -> Result<String, Failure> {
        match std::str::from_utf8(unsafe { self.as_slice() }) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Failure::invalid(format!("{name} is not valid UTF-8"))),
        }
    }

    /// # Safety
    /// As [`Bytes::as_slice`].
    pub unsafe fn optional_text(self, name: &str) -> Result<Option<String>, Failure> {
        let text = unsafe { self.text(name)? };
        Ok((!text.is_empty()).then_some(text))
    }

    /// # Safety
    /// As [`Bytes::as_slice`].
    pub unsafe fn required_text(self, name: &str) -> Result<String, Failure> {
        match unsafe { self.optional_text(name)? } {
            Some(text) => Ok(text),
            None => Err(Failure::invalid(format!("{name} is required"))),
        }
    }

    /// # Safety
    /// As [`Bytes::as_slice`].
    pub unsafe fn optional_vec(self) -> Option<Vec<u8>> {
        (self.size != 0).then(|| unsafe { self.as_slice() }.to_vec())
    }
}

/// An array of the other side's. Null is allowed where the count is 0.
///
/// # Safety
/// `items` must be readable for `count` elements during `'a`, unless `count` is 0.
pub unsafe fn array<'a, T>(items: *const T, count: usize) -> &'a [T] {
    if count == 0 || items.is_null() {
        return &[];
    }
    unsafe { std::slice::from_raw_parts(items, count) }
}

/// Pairs of text, as a map.
///
/// # Safety
/// As [`array`] and [`Bytes::as_slice`].
pub unsafe fn text_map(
    pairs: *const Pair,
    count: usize,
    name: &str,
) -> Result<HashMap<String, String>, Failure> {
    unsafe { array(pairs, count) }
        .iter()
        .map(|pair| unsafe { Ok((pair.key.text(name)?, pair.value.text(name)?)) })
        .collect()
}

/// Pairs of a text and bytes, as a map.
///
/// # Safety
/// As [`array`] and [`Bytes::as_slice`].
pub unsafe fn bytes_map(
    pairs: *const Pair,
    count: usize,
    name: &str,
) -> Result<HashMap<String, Vec<u8>>, Failure> {
    unsafe { array(pairs, count) }
        .iter()
        .map(|pair| unsafe { Ok((pair.key.text(name)?, pair.value.as_slice().to_vec())) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_empty() {
        let null = Bytes::EMPTY;
        assert_eq!(unsafe { null.as_slice() }, b"");
        assert_eq!(unsafe { null.optional_text("x") }.unwrap(), None);
        assert!(unsafe { null.optional_vec() }.is_none());
        assert!(unsafe { array::<Pair>(std::ptr::null(), 0) }.is_empty());
    }

    #[test]
    fn required_and_malformed_text_name_the_option() {
        let missing = unsafe { Bytes::EMPTY.required_text("task_queue") }.unwrap_err();
        assert_eq!(missing.message, "task_queue is required");
        let malformed = unsafe { Bytes::lend(&[0xff]).text("task_queue") }.unwrap_err();
        assert_eq!(malformed.message, "task_queue is not valid UTF-8");
    }
}
